"""Small programs that need no cluster and no account."""

VALUES = """
import pulumi
import pulumi_random
import pulumi_tls


class Pair(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("warren:test:Pair", name)
        own = pulumi.ResourceOptions(parent=self)
        length = pulumi.Config().require_int("length")
        self.password = pulumi_random.RandomPassword(name, length=length, opts=own)
        self.key = pulumi_tls.PrivateKey(name, algorithm="ECDSA", ecdsa_curve="P256", opts=own)
        self.register_outputs({})


pair = Pair("pair")
pulumi.export("public", pair.key.public_key_pem)
pulumi.export("users", {"admin": {"name": "admin", "password": pair.password.result}})
"""

SLEEPS = """
import pathlib
import time

import pulumi
import pulumi_random


def dawdle(_password):
    if pathlib.Path("slow").exists():
        pathlib.Path("begun").touch()
        time.sleep(300)
    return 20


first = pulumi_random.RandomPassword("first", length=20)
pulumi_random.RandomPassword("second", length=first.result.apply(dawdle))
"""

PROTECTED = """
import pulumi
import pulumi_random

config = pulumi.Config()
if config.require("shown") == "both":
    protect = pulumi.ResourceOptions(protect=config.require_bool("protect"))
    pulumi_random.RandomPassword("kept", length=20, opts=protect)
    pulumi_random.RandomPassword("other", length=20)
"""

FAILS = """
raise ValueError("the third wheel has come off")
"""

FOREIGN = """
import pulumi

pulumi.CustomResource(
    "nosuch:index:Thing", "thing", {}, pulumi.ResourceOptions(version="1.2.3")
)
"""

OBJECTS = """
import pulumi
import pulumi_kubernetes as kubernetes

config = pulumi.Config()
provider = kubernetes.Provider(
    "cluster",
    context=config.require("context"),
    kubeconfig=".lab/kubeconfig",
    enable_config_map_mutable=True,
)
opts = pulumi.ResourceOptions(provider=provider)
namespace = kubernetes.core.v1.Namespace(
    "namespace", metadata={"name": config.require("name")}, opts=opts
)
kubernetes.core.v1.ConfigMap(
    "greeting",
    metadata={"name": "greeting", "namespace": namespace.metadata.name},
    data={"text": config.require("text")},
    opts=opts,
)
pulumi.export("namespace", namespace.metadata.name)
"""
