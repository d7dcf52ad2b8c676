"""The estate, offered to programs in every Pulumi language by a component provider."""
