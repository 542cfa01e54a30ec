using System.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Output;
using DistributedLoss.Http.Server;

namespace DistributedLoss.Cli.Monitoring;

/// <summary><c>dloss health</c>: what a container's health check runs, where there is nothing else that could ask.</summary>
internal static class HealthCommand
{
    public static Command Create(CliConsole console)
    {
        var http = HttpOption.Create("Where it serves, as it was told with --http");
        var command = new Command("health", "Asks a dloss that runs with --http on this machine whether it does its work: exit code 0, or 4 and why not.");
        command.Add(http);
        command.SetAction(async (parse, cancel) =>
        {
            string address = parse.GetValue(http) ?? DlossConfiguration.Load(console).HttpListen
                ?? throw CliException.Usage($"nothing says where to ask; give {HttpOption.Name} PORT, or set http.listen");
            if (!HttpAddress.TryParse(address, out var listens))
            {
                throw CliException.Usage($"configuration: http.listen is '{address}', not {HttpOption.Form}");
            }

            var (report, trouble) = await HealthProbe.AskAsync(listens, cancel);
            if (trouble is not null)
            {
                throw new CliException(ExitCode.RunFailed, trouble);
            }

            ResultOutput.Write(console, writer => writer.Write(report));
            return ExitCode.Done;
        });
        return command;
    }
}
