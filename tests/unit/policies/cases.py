"""Every case, for the tests that go through all of them."""

from tests.unit.policies import cases_clouds, cases_kubernetes

CASES = [*cases_kubernetes.CASES, *cases_clouds.CASES]
