using System.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Output;
using DistributedLoss.Http.Server;

namespace DistributedLoss.Cli.Monitoring;

/// <summary><c>dloss health</c>: what a container's health check runs, where there is nothing else that could ask.</summary>
internal static class HealthCommand
{
    public const string Name = "health";

    public const string Description = "Asks a dloss that runs with --http on this machine whether it does its work: exit code 0, or 4 and why not.";

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var http = HttpOption.Create("Where it serves, as it was told with --http");
        command.Add(http);
        command.SetAction(parse =>
        {
            string address = parse.GetValue(http) ?? DlossConfiguration.Load(console).HttpListen
                ?? throw CliException.Usage($"nothing says where to ask; give {HttpOption.Name} PORT, or set http.listen");
            if (!HttpAddress.TryParse(address, out var listens))
            {
                throw CliException.Usage($"configuration: http.listen is '{address}', not {HttpOption.Form}");
            }

            var (report, trouble) = HealthProbe.AskAsync(listens, cancel).GetAwaiter().GetResult();
            if (trouble is not null)
            {
                throw new CliException(ExitCode.RunFailed, trouble);
            }

            ResultOutput.Write(console, writer => writer.Write(report));
            return ExitCode.Done;
        });
    }
}
