using System.CommandLine;
using DistributedLoss.Cli.CommandLine;

namespace DistributedLoss.Cli.Engines;

/// <summary>The options that say where an Akka node is, and whom it joins; of both ends of a cluster.</summary>
internal sealed class AkkaOptions
{
    private readonly Option<string> _node = CliOptions.Text(
        "--node", "HOST[:PORT]", "Where this process listens, and the others find it [default: DLOSS_AKKA_HOST and DLOSS_AKKA_PORT, else 127.0.0.1 and a free port]");

    private readonly Option<string[]> _seedNodes = new("--seed-node")
    {
        Description = "A node to join the cluster at; repeatable, two are better than one [default: DLOSS_AKKA_SEED_NODES; none: a cluster of its own, for others to join]",
        HelpName = "HOST:PORT",
    };

    public void AddTo(Command command)
    {
        command.Add(_node);
        command.Add(_seedNodes);
    }

    public AkkaSettings Read(ParseResult parse) => new() { Node = parse.GetValue(_node), SeedNodes = parse.GetValue(_seedNodes) ?? [] };
}
