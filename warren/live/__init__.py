"""Access to what is running: Kubernetes' API, and RabbitMQ's behind it."""
