// Package provisioner makes volumes out of directories of the region's one node. The machinery is
// Kubernetes' own library for external provisioners; only making and removing a directory is ours.
package provisioner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// Name is what a storage class names as its provisioner.
const Name = "lab.warren.dev/local-path"

type directories struct{ root string }

// Provision makes a directory that any user of a pod may write to, since the volume is a local path
// and each pod sees its own only.
func (d directories) Provision(_ context.Context, options controller.ProvisionOptions) (*core.PersistentVolume, controller.ProvisioningState, error) {
	path := filepath.Join(d.root, options.PVC.Namespace+"_"+options.PVC.Name+"_"+options.PVName)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	hosts := []core.NodeSelectorRequirement{{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{options.SelectedNodeName}}}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: options.PVC.Spec.Resources.Requests[core.ResourceStorage]},
			PersistentVolumeSource:        core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{
				NodeSelectorTerms: []core.NodeSelectorTerm{{MatchExpressions: hosts}}}},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes the directory, if it is one of ours.
func (d directories) Delete(_ context.Context, volume *core.PersistentVolume) error {
	if volume.Spec.Local == nil || !strings.HasPrefix(volume.Spec.Local.Path, d.root+string(filepath.Separator)) {
		return fmt.Errorf("volume %s is not below %s", volume.Name, d.root)
	}
	return os.RemoveAll(volume.Spec.Local.Path)
}

// Command is the provisioner of one region.
func Command() *cobra.Command {
	var kubeconfig, root string
	command := &cobra.Command{
		Use:   "provisioner",
		Short: "Make volumes out of directories",
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			controller.NewProvisionController(command.Context(), client, Name, directories{root},
				controller.LeaderElection(false)).Run(command.Context())
			return nil
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the region's API server")
	command.Flags().StringVar(&root, "root", "", "directory that the volumes are made in")
	return command
}
