"""Real Kubernetes and real RabbitMQ in several regions on one Linux machine, without a registry.

`lab.api.Lab` is what programs use; `python -m lab` is the same for people.
"""
