import click
@click.command()
@click.option("--aligner", type=click.Choice(["minimap2", "winnowmap"]), required=True)
@click.option("--threads", type=click.IntRange(1, 64), default=1)
@click.argument("reads", type=click.Path())
def main(aligner, threads, reads):
    click.echo(f"{aligner} {threads} {reads}")
main()
