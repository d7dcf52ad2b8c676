"""Two versions of the project held against each other, resource by resource."""
