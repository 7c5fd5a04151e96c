"""Measures a scan of a large AWS account beside a bare boto3 loop that makes the very same calls.

    python bench/aws_calls.py [--buckets 1000 --volumes 1000 --snapshots 500 --threads 32]

The account is moto's server in a process of its own, so that its time does not count as ours. Both clients run in
processes of their own; CPU and peak memory are what the kernel accounted to them.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIABENCH", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true"}


def serve(pipe: Connection, sizes: dict[str, int]) -> None:
    """The account: moto behind our gate, filled through its own API."""
    os.environ.update(CREDENTIALS)
    from posture_estates.aws import AwsServer

    with AwsServer() as server:
        fill(server.url, sizes)
        server.gate.forget()
        pipe.send(server.url)
        pipe.recv()


def fill(url: str, sizes: dict[str, int]) -> None:
    """Buckets with a policy, encrypted volumes, snapshots."""
    import boto3

    s3 = boto3.client("s3", region_name=REGION, endpoint_url=url)
    ec2 = boto3.client("ec2", region_name=REGION, endpoint_url=url)
    for number in range(sizes["buckets"]):
        name = f"bench-{number:05d}"
        s3.create_bucket(Bucket=name)
        arn = f"arn:aws:s3:::{name}"
        deny: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
        deny["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    volumes = [
        ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1, Encrypted=True)["VolumeId"]
        for _ in range(sizes["volumes"])
    ]
    for volume in volumes[: sizes["snapshots"]]:
        ec2.create_snapshot(VolumeId=volume)


def run_posture(pipe: Connection, url: str, folder: str, threads: int) -> None:
    """The scan, as the command line makes it."""
    os.environ.update(CREDENTIALS)
    began = time.perf_counter()
    import msgspec

    from posture.config import Target
    from posture.plan import Scoped
    from posture.provider import Limits
    from posture.registry import find_profile, installed
    from posture.scan import Order, scan
    from posture.scope import Match, Scope

    registry = installed()
    settings: dict[str, Any] = {"endpoint_url": url, "regions": [REGION]}
    target = Target(
        name="bench", provider="aws", settings=msgspec.convert(settings, registry.providers["aws"].target_type)
    )
    scope = Scope(include=(Match(cloud="aws"),))
    order = Order(
        scoped=(Scoped(profile=find_profile("coding-rooms"), scopes=(scope,)),),
        targets=(target,),
        limits=Limits(threads=threads, attempts=1),
    )
    scan(order, Path(folder), registry)
    pipe.send(usage(began))


def run_loop(pipe: Connection, url: str, folder: str, threads: int) -> None:
    """The same calls, from the scan's own ledger, by boto3 in a pool of as many threads, replies thrown away."""
    os.environ.update(CREDENTIALS)
    calls = [json.loads(line) for path in sorted(Path(folder).glob("places/*/calls.jsonl")) for line in path.open()]
    began = time.perf_counter()
    import boto3
    from botocore import xform_name
    from botocore.config import Config
    from botocore.exceptions import ClientError

    session = boto3.Session()
    config = Config(max_pool_connections=threads, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    services = {(call["operation"].partition(":")[0], call["region"]) for call in calls}
    clients = {
        (service, region): session.client(service, region_name=region, endpoint_url=url, config=config)
        for service, region in sorted(services)
    }
    for (service, _), client in clients.items():
        if service == "s3control":
            client.meta.events.register("before-sign.s3-control", without_account_host)

    def perform(call: dict[str, Any]) -> None:
        service, _, action = call["operation"].partition(":")
        with suppress(ClientError):
            getattr(clients[service, call["region"]], xform_name(action))(**call["params"])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(perform, calls))
    pipe.send({**usage(began), "calls": len(calls)})


def without_account_host(request: Any, **_: Any) -> None:
    """S3 Control puts the account before the host, which an address cannot have."""
    scheme, _, rest = request.url.partition("://")
    request.url = f"{scheme}://{rest.partition('.')[2]}" if rest[:12].isdigit() else request.url


def usage(began: float) -> dict[str, float]:
    """Wall and CPU seconds, and peak memory in MiB, of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
    }


def in_process(target: Any, *args: Any) -> dict[str, float]:
    """Run ``target`` in a fresh process and give what it measured."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(target=target, args=(there, *args))
    process.start()
    found: dict[str, float] = here.recv()
    process.join()
    return found


CONTEXT = multiprocessing.get_context("spawn")


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("buckets", 1000), ("volumes", 1000), ("snapshots", 500), ("threads", 32), ("rounds", 1)):
        options.add_argument(f"--{name}", type=int, default=default)
    chosen = vars(options.parse_args())
    here, there = CONTEXT.Pipe()
    server = CONTEXT.Process(target=serve, args=(there, chosen))
    server.start()
    url = here.recv()
    try:
        for number in range(chosen["rounds"]):
            with tempfile.TemporaryDirectory() as folder:
                ours = in_process(run_posture, url, f"{folder}/run", chosen["threads"])
                loop = in_process(run_loop, url, f"{folder}/run", chosen["threads"])
            show(number + 1, ours, loop)
    finally:
        here.send("end")
        server.join()


def show(number: int, ours: dict[str, float], loop: dict[str, float]) -> None:
    """One row per client."""
    print(f"round {number}: {loop['calls']:.0f} calls, Python {sys.version.split()[0]}")
    for name, row in (("posture", ours), ("bare boto3 loop", loop)):
        print(f"  {name:16} wall {row['wall']:6.1f} s  cpu {row['cpu']:6.1f} s  peak {row['memory']:5.0f} MiB")
    ratios = [f"{key} x{ours[key] / loop[key]:.2f}" for key in ("wall", "cpu")]
    print(f"  {'ratio':16} {'  '.join(ratios)}", flush=True)


if __name__ == "__main__":
    main()
