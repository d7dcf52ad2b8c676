"""The copy of the topology job, and what is told of drift. Pure; tests/lab/test_drift.py has real brokers."""

from __future__ import annotations

from typing import Any

from warren.estate.drift import Drift
from warren.estate.healing import copy_of
from warren.estate.holdings import told

JOB: dict[str, Any] = {
    "metadata": {
        "name": "rabbitmq-topology-1234567890",
        "namespace": "rabbitmq",
        "uid": "u",
        "resourceVersion": "7",
        "labels": {"app.kubernetes.io/component": "topology"},
    },
    "spec": {
        "activeDeadlineSeconds": 600,
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
        "template": {
            "metadata": {
                "labels": {
                    "app.kubernetes.io/component": "topology",
                    "batch.kubernetes.io/controller-uid": "u",
                    "batch.kubernetes.io/job-name": "j",
                    "controller-uid": "u",
                    "job-name": "j",
                }
            },
            "spec": {"containers": [{"name": "reconcile"}]},
        },
    },
    "status": {"succeeded": 1},
}


def test_the_copy_is_the_same_job_and_goes_with_the_first_one() -> None:
    copy = copy_of(JOB, "261125")
    assert copy["metadata"]["name"] == "rabbitmq-topology-1234567890-261125"
    assert copy["metadata"]["ownerReferences"][0]["uid"] == "u"
    assert copy["metadata"]["labels"] == JOB["metadata"]["labels"]
    assert copy["spec"]["template"]["spec"] == JOB["spec"]["template"]["spec"]
    assert copy["spec"]["ttlSecondsAfterFinished"] > 0


def test_what_the_controller_added_is_not_copied() -> None:
    copy = copy_of(JOB, "1")
    assert copy["spec"]["template"]["metadata"]["labels"] == {
        "app.kubernetes.io/component": "topology"
    }
    assert set(copy) == {"apiVersion", "kind", "metadata", "spec"}
    assert "selector" not in copy["spec"]
    assert not {"uid", "resourceVersion"} & set(copy["metadata"])


def test_people_are_told_ten_and_how_many_more() -> None:
    drifted = [Drift("users", f"user {number}", "missing") for number in range(13)]
    assert len(told(drifted)) == 11
    assert told(drifted)[-1] == "and 3 more differ from what is declared"
    assert told(drifted[:10]) == [str(item) for item in drifted[:10]]
