package firewall

import (
	"strings"
	"testing"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func pod(namespace, name, address string, labels map[string]string) core.Pod {
	return core.Pod{
		ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Status:     core.PodStatus{PodIP: address, Phase: core.PodRunning},
	}
}

func namespace(name string, labels map[string]string) core.Namespace {
	return core.Namespace{ObjectMeta: meta.ObjectMeta{Name: name, Labels: labels}}
}

func tcp(number int) []networking.NetworkPolicyPort {
	port := intstr.FromInt(number)
	return []networking.NetworkPolicyPort{{Port: &port}}
}

func TestAPodWithoutAPolicyIsLeftAlone(t *testing.T) {
	rules, err := Rules(nil, nil, []core.Pod{pod("a", "one", "10.0.0.1", nil)})
	if err != nil || strings.Contains(rules, "10.0.0.1") {
		t.Fatal(rules, err)
	}
}

func TestDefaultDenyDropsBothWays(t *testing.T) {
	deny := networking.NetworkPolicy{
		ObjectMeta: meta.ObjectMeta{Namespace: "a", Name: "deny"},
		Spec:       networking.NetworkPolicySpec{PolicyTypes: []networking.PolicyType{"Ingress", "Egress"}},
	}
	pods := []core.Pod{pod("a", "one", "10.0.0.1", nil), pod("b", "two", "10.0.0.2", nil)}
	rules, err := Rules([]networking.NetworkPolicy{deny}, nil, pods)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"chain ingress_10_0_0_1 {\n  counter drop\n }",
		"chain egress_10_0_0_1 {\n  counter drop\n }",
		"ip saddr 10.0.0.1 jump egress_10_0_0_1",
		"ip daddr 10.0.0.1 jump ingress_10_0_0_1",
	} {
		if !strings.Contains(rules, want) {
			t.Errorf("%s is not in\n%s", want, rules)
		}
	}
	if strings.Contains(rules, "10.0.0.2") {
		t.Error("another namespace's pod is no business of this policy")
	}
}

func TestPeersAreThoseThatTheSelectorsMean(t *testing.T) {
	policy := networking.NetworkPolicy{
		ObjectMeta: meta.ObjectMeta{Namespace: "a", Name: "some"},
		Spec: networking.NetworkPolicySpec{
			PodSelector: meta.LabelSelector{MatchLabels: map[string]string{"app": "broker"}},
			PolicyTypes: []networking.PolicyType{"Ingress", "Egress"},
			Ingress: []networking.NetworkPolicyIngressRule{{
				From: []networking.NetworkPolicyPeer{
					{PodSelector: &meta.LabelSelector{MatchLabels: map[string]string{"app": "broker"}}},
					{NamespaceSelector: &meta.LabelSelector{MatchLabels: map[string]string{"client": "true"}}},
					{IPBlock: &networking.IPBlock{CIDR: "192.0.2.0/24"}},
				},
				Ports: tcp(5671),
			}},
			Egress: []networking.NetworkPolicyEgressRule{{
				To:    []networking.NetworkPolicyPeer{{IPBlock: &networking.IPBlock{CIDR: "0.0.0.0/0", Except: []string{"169.254.169.254/32"}}}},
				Ports: tcp(5671),
			}},
		},
	}
	broker := map[string]string{"app": "broker"}
	rules, err := Rules(
		[]networking.NetworkPolicy{policy},
		[]core.Namespace{namespace("a", nil), namespace("b", map[string]string{"client": "true"}), namespace("c", nil)},
		[]core.Pod{
			pod("a", "one", "10.0.0.1", broker), pod("a", "two", "10.0.0.2", broker), pod("a", "other", "10.0.0.3", nil),
			pod("b", "client", "10.0.0.4", broker), pod("c", "stranger", "10.0.0.5", broker),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"ip saddr { 10.0.0.1, 10.0.0.2 } tcp dport 5671 return",
		"ip saddr { 10.0.0.4 } tcp dport 5671 return",
		"ip saddr 192.0.2.0/24 tcp dport 5671 return",
		"ip daddr != { 169.254.169.254/32 } tcp dport 5671 return",
	} {
		if !strings.Contains(rules, want) {
			t.Errorf("%s is not in\n%s", want, rules)
		}
	}
	for _, wrong := range []string{"10.0.0.3", "10.0.0.5"} {
		if strings.Contains(rules, wrong) {
			t.Errorf("%s must not be in\n%s", wrong, rules)
		}
	}
}

func TestANamedPortThatNobodyHasIsAnErrorAndNotAnOpenDoor(t *testing.T) {
	name := intstr.FromString("amqps")
	policy := networking.NetworkPolicy{
		ObjectMeta: meta.ObjectMeta{Namespace: "a", Name: "named"},
		Spec: networking.NetworkPolicySpec{
			PolicyTypes: []networking.PolicyType{"Ingress"},
			Ingress:     []networking.NetworkPolicyIngressRule{{Ports: []networking.NetworkPolicyPort{{Port: &name}}}},
		},
	}
	if _, err := Rules([]networking.NetworkPolicy{policy}, nil, []core.Pod{pod("a", "one", "10.0.0.1", nil)}); err == nil {
		t.Error("no error")
	}
}
