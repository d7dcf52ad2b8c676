// Package firewall enforces a region's NetworkPolicies by nftables, which the bridge CNI does not do:
// what they refuse vanishes. Its rules are put in place as one, so that there is no moment between two.
package firewall

import (
	"context"
	"fmt"
	"log"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const interval = 500 * time.Millisecond

// Command is the controller of one region; it runs in the region's network namespace.
func Command() *cobra.Command {
	var kubeconfig string
	command := &cobra.Command{
		Use:   "firewall",
		Short: "Enforce NetworkPolicies",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			config.QPS, config.Burst = 50, 50
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			done, said := "", ""
			for {
				rules, err := rulesOf(command.Context(), client)
				if err == nil && rules != done {
					if err = load(rules); err == nil {
						done = rules
					}
				}
				// What goes wrong twice a second is said once.
				if err == nil {
					said = ""
				} else if text := err.Error(); text != said {
					log.Printf("firewall: %s", text)
					said = text
				}
				time.Sleep(interval)
			}
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the region's API server")
	return command
}

func rulesOf(ctx context.Context, client kubernetes.Interface) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	// From the server's memory: this is asked twice a second.
	cached := meta.ListOptions{ResourceVersion: "0"}
	policies, err := client.NetworkingV1().NetworkPolicies("").List(ctx, cached)
	if err != nil {
		return "", err
	}
	namespaces, err := client.CoreV1().Namespaces().List(ctx, cached)
	if err != nil {
		return "", err
	}
	pods, err := client.CoreV1().Pods("").List(ctx, cached)
	if err != nil {
		return "", err
	}
	return Rules(policies.Items, namespaces.Items, pods.Items)
}

func load(rules string) error {
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(rules)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %s", out)
	}
	return nil
}
