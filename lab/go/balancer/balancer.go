// Package balancer gives Services of type LoadBalancer an address, as a cloud would: the next free one
// of the region's pool, on the region's own interface, so that the other regions and the host reach it.
package balancer

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const interval = 500 * time.Millisecond

// Command is the controller of one region; it runs in the region's network namespace.
func Command() *cobra.Command {
	var kubeconfig, pool, device string
	command := &cobra.Command{
		Use:   "balancer",
		Short: "Give LoadBalancer services addresses from a pool",
		RunE: func(command *cobra.Command, _ []string) error {
			prefix, err := netip.ParsePrefix(pool)
			if err != nil {
				return fmt.Errorf("--pool: %w", err)
			}
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			config.QPS, config.Burst = 50, 50
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			said := ""
			for {
				// What goes wrong twice a second is said once.
				if err := reconcile(command.Context(), client, prefix, device); err == nil {
					said = ""
				} else if text := err.Error(); text != said {
					log.Printf("balancer: %s", text)
					said = text
				}
				time.Sleep(interval)
			}
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the region's API server")
	command.Flags().StringVar(&pool, "pool", "", "addresses to give out, in CIDR form")
	command.Flags().StringVar(&device, "device", "", "interface that answers for them")
	return command
}

func reconcile(ctx context.Context, client kubernetes.Interface, pool netip.Prefix, device string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	services, err := client.CoreV1().Services("").List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	taken := map[netip.Addr]bool{}
	var waiting []core.Service
	for _, service := range services.Items {
		if service.Spec.Type != core.ServiceTypeLoadBalancer {
			continue
		}
		if address, has := given(service); has && pool.Contains(address) {
			taken[address] = true
		} else {
			waiting = append(waiting, service)
		}
	}
	// One service that gets nothing must not keep the others from their addresses.
	var failed error
	for _, service := range waiting {
		address, err := Next(pool, taken)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s/%s: %w", service.Namespace, service.Name, err))
			continue
		}
		vip := core.LoadBalancerIPModeVIP
		service.Status.LoadBalancer.Ingress = []core.LoadBalancerIngress{{IP: address.String(), IPMode: &vip}}
		if _, err := client.CoreV1().Services(service.Namespace).UpdateStatus(ctx, &service, meta.UpdateOptions{}); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		taken[address] = true
		log.Printf("balancer: %s/%s has %s", service.Namespace, service.Name, address)
	}
	return errors.Join(failed, answer(pool, device, taken))
}

func given(service core.Service) (netip.Addr, bool) {
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		if address, err := netip.ParseAddr(ingress.IP); err == nil {
			return address, true
		}
	}
	return netip.Addr{}, false
}

// Next is the lowest free address of the pool.
func Next(pool netip.Prefix, taken map[netip.Addr]bool) (netip.Addr, error) {
	for address := pool.Masked().Addr(); pool.Contains(address); address = address.Next() {
		if !taken[address] {
			return address, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no address is left in the pool %s", pool)
}

// answer puts the taken addresses on the interface, so that it answers ARP for them, and takes off
// those of the pool that no service has any more.
func answer(pool netip.Prefix, device string, taken map[netip.Addr]bool) error {
	out, err := exec.Command("ip", "-o", "-4", "addr", "show", "dev", device).Output()
	if err != nil {
		return fmt.Errorf("ip addr show dev %s: %w", device, err)
	}
	present := map[netip.Addr]bool{}
	for _, line := range strings.Split(string(out), "\n") {
		fields := strings.Fields(line)
		at := slices.Index(fields, "inet")
		if at < 0 || at+1 >= len(fields) {
			continue
		}
		prefix, err := netip.ParsePrefix(fields[at+1])
		if err == nil && prefix.Bits() == 32 && pool.Contains(prefix.Addr()) {
			present[prefix.Addr()] = true
		}
	}
	for address := range taken {
		if !present[address] {
			if out, err := exec.Command("ip", "addr", "add", address.String()+"/32", "dev", device).CombinedOutput(); err != nil {
				return fmt.Errorf("ip addr add %s: %s", address, out)
			}
		}
	}
	for address := range present {
		if !taken[address] {
			if out, err := exec.Command("ip", "addr", "del", address.String()+"/32", "dev", device).CombinedOutput(); err != nil {
				return fmt.Errorf("ip addr del %s: %s", address, out)
			}
		}
	}
	return nil
}
