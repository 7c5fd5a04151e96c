"""posture permissions: the least-privilege policy that a scan of these profiles needs."""

import click

from posture.cli.order import order_options
from posture.cli.show import as_json_text
from posture.config import Config
from posture.plan import plan
from posture.registry import Registry
from posture.scan import Order


@click.command()
@click.argument("provider", type=click.Choice(["aws", "azure"]))
@order_options
@click.option("--explain", is_flag=True, help="List each permission with the checks that need it instead.")
def permissions(provider: str, order: Order, registry: Registry, config: Config, explain: bool) -> None:
    """Print the least-privilege policy for PROVIDER: an IAM policy, or an Azure custom role.

    It grants what the reads of the named profiles need, and nothing else.
    """
    made = plan(registry, order.scoped, [provider])
    own = registry.providers[provider]
    needed = sorted({*made.permissions(provider), *own.permissions()})
    if not explain:
        click.echo(as_json_text(own.policy(needed)))
        return
    for permission in needed:
        steps = [step for step in made.steps if step.provider == provider and step.permission == permission]
        checks = sorted({check for step in steps for check in step.checks})
        uses = ", ".join(checks) or ("finding the places to scan" if not steps else "knowing which stores exist")
        click.echo(f"{permission}\n    {uses}")
