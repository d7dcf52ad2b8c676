package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Rules is the whole nftables table for these policies. The node itself reaches its pods whatever they
// say, as Kubernetes has it; a pod's way to its node is checked too.
func Rules(policies []networking.NetworkPolicy, namespaces []core.Namespace, pods []core.Pod) (string, error) {
	known := &cluster{namespaces: map[string]labels.Set{}}
	for _, namespace := range namespaces {
		known.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range pods {
		ended := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
		if pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended {
			known.pods = append(known.pods, pod)
		}
	}
	sort.Slice(known.pods, func(a, b int) bool { return known.pods[a].Status.PodIP < known.pods[b].Status.PodIP })
	sort.Slice(policies, func(a, b int) bool {
		return policies[a].Namespace+"/"+policies[a].Name < policies[b].Namespace+"/"+policies[b].Name
	})
	var chains, leaving, entering strings.Builder
	for _, pod := range known.pods {
		address := pod.Status.PodIP
		own, err := known.selecting(policies, pod)
		if err != nil {
			return "", err
		}
		name := strings.ReplaceAll(address, ".", "_")
		for _, direction := range []networking.PolicyType{networking.PolicyTypeEgress, networking.PolicyTypeIngress} {
			lines, isolated, err := known.allowed(own, direction, pod)
			if err != nil {
				return "", err
			}
			if !isolated {
				continue
			}
			chain := strings.ToLower(string(direction)) + "_" + name
			fmt.Fprintf(&chains, " chain %s {\n", chain)
			for _, line := range lines {
				fmt.Fprintf(&chains, "  %s return\n", line)
			}
			fmt.Fprintf(&chains, "  counter drop\n }\n")
			if direction == networking.PolicyTypeEgress {
				fmt.Fprintf(&leaving, "  ip saddr %s jump %s\n", address, chain)
			} else {
				fmt.Fprintf(&entering, "  ip daddr %s jump %s\n", address, chain)
			}
		}
	}
	return "table inet lab_policies\nflush table inet lab_policies\ntable inet lab_policies {\n" +
		chains.String() +
		" chain leaving {\n" + leaving.String() + " }\n" +
		" chain entering {\n" + entering.String() + " }\n" +
		" chain forward {\n  type filter hook forward priority 10; policy accept;\n" +
		"  ct state established,related accept\n  jump leaving\n  jump entering\n }\n" +
		" chain input {\n  type filter hook input priority 10; policy accept;\n" +
		"  ct state established,related accept\n  jump leaving\n }\n}\n", nil
}

type cluster struct {
	namespaces map[string]labels.Set
	pods       []core.Pod
}

func (c *cluster) selecting(policies []networking.NetworkPolicy, pod core.Pod) ([]networking.NetworkPolicy, error) {
	var found []networking.NetworkPolicy
	for _, policy := range policies {
		selector, err := meta.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			return nil, err
		}
		if policy.Namespace == pod.Namespace && selector.Matches(labels.Set(pod.Labels)) {
			found = append(found, policy)
		}
	}
	return found, nil
}

// allowed is what policies let through in a direction, one match a line, and whether any of them has
// the direction at all.
func (c *cluster) allowed(policies []networking.NetworkPolicy, direction networking.PolicyType, pod core.Pod) ([]string, bool, error) {
	var lines []string
	isolated := false
	for _, policy := range policies {
		if !slices.Contains(policy.Spec.PolicyTypes, direction) {
			continue
		}
		isolated = true
		if direction == networking.PolicyTypeIngress {
			for _, rule := range policy.Spec.Ingress {
				more, err := c.matches("saddr", rule.From, rule.Ports, policy.Namespace, &pod)
				if err != nil {
					return nil, false, err
				}
				lines = append(lines, more...)
			}
			continue
		}
		for _, rule := range policy.Spec.Egress {
			more, err := c.matches("daddr", rule.To, rule.Ports, policy.Namespace, nil)
			if err != nil {
				return nil, false, err
			}
			lines = append(lines, more...)
		}
	}
	return lines, isolated, nil
}

func (c *cluster) matches(field string, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort, namespace string, target *core.Pod) ([]string, error) {
	from := []string{""} // no peers: everybody
	if len(peers) > 0 {
		from = nil
		for _, peer := range peers {
			match, err := c.peer(field, peer, namespace)
			if err != nil {
				return nil, err
			}
			from = append(from, match...)
		}
	}
	to := []string{""} // no ports: all of them
	if len(ports) > 0 {
		to = nil
		for _, port := range ports {
			match, err := portMatch(port, target)
			if err != nil {
				return nil, err
			}
			to = append(to, match)
		}
	}
	var lines []string
	for _, peer := range from {
		for _, port := range to {
			lines = append(lines, strings.TrimSpace(peer+" "+port))
		}
	}
	return lines, nil
}

func (c *cluster) peer(field string, peer networking.NetworkPolicyPeer, namespace string) ([]string, error) {
	if peer.IPBlock != nil {
		match := ""
		prefix, err := netip.ParsePrefix(peer.IPBlock.CIDR)
		if err != nil || !prefix.Addr().Is4() {
			return nil, err // IPv6 never comes here: the lab has none
		}
		if prefix.Bits() > 0 {
			match = fmt.Sprintf("ip %s %s", field, prefix)
		}
		if len(peer.IPBlock.Except) > 0 {
			match += fmt.Sprintf(" ip %s != { %s }", field, strings.Join(peer.IPBlock.Except, ", "))
		}
		return []string{strings.TrimSpace(match)}, nil
	}
	var addresses []string
	for _, pod := range c.pods {
		chosen, err := c.chosen(peer, namespace, pod)
		if err != nil {
			return nil, err
		}
		if chosen {
			addresses = append(addresses, pod.Status.PodIP)
		}
	}
	if len(addresses) == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("ip %s { %s }", field, strings.Join(addresses, ", "))}, nil
}

func (c *cluster) chosen(peer networking.NetworkPolicyPeer, namespace string, pod core.Pod) (bool, error) {
	if peer.NamespaceSelector == nil {
		if pod.Namespace != namespace {
			return false, nil
		}
	} else {
		selector, err := meta.LabelSelectorAsSelector(peer.NamespaceSelector)
		if err != nil || !selector.Matches(c.namespaces[pod.Namespace]) {
			return false, err
		}
	}
	if peer.PodSelector == nil {
		return true, nil
	}
	selector, err := meta.LabelSelectorAsSelector(peer.PodSelector)
	return err == nil && selector.Matches(labels.Set(pod.Labels)), err
}

func portMatch(port networking.NetworkPolicyPort, target *core.Pod) (string, error) {
	protocol := "tcp"
	if port.Protocol != nil {
		protocol = strings.ToLower(string(*port.Protocol))
	}
	if port.Port == nil {
		return "meta l4proto " + protocol, nil
	}
	number := port.Port.IntVal
	if port.Port.Type == intstr.String {
		found, err := named(port.Port.StrVal, target)
		if err != nil {
			return "", err
		}
		number = found
	}
	if port.EndPort != nil {
		return fmt.Sprintf("%s dport %d-%d", protocol, number, *port.EndPort), nil
	}
	return fmt.Sprintf("%s dport %d", protocol, number), nil
}

func named(name string, target *core.Pod) (int32, error) {
	if target != nil {
		for _, container := range target.Spec.Containers {
			for _, port := range container.Ports {
				if port.Name == name {
					return port.ContainerPort, nil
				}
			}
		}
	}
	return 0, fmt.Errorf("the lab does not know the port '%s' of a policy; give its number", name)
}
