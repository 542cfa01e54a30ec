using System.CommandLine;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss demo</c>: the main job on a machine that has no data yet.</summary>
internal static class DemoCommand
{
    private static readonly SyntheticOptions Dump = new() { Rows = 20_000, Classes = 1000, Files = 2 };

    public static Command Create(CliConsole console)
    {
        var command = new Command("demo", "Makes a dump of 20,000 predictions in a temporary folder, evaluates it, prints the result, and cleans up.");
        command.SetAction(async (_, cancel) =>
        {
            var folder = Directory.CreateTempSubdirectory("dloss-demo-");
            try
            {
                await Generation.WriteAsync(console, folder.FullName, Dump, force: false, cancel);
                console.Error.WriteLine($"dloss: made {Dump.Rows:N0} predictions over {Dump.Classes:N0} classes in {folder.FullName}; now: dloss evaluate {folder.FullName}");
                var settings = new RunSettings { Paths = [folder.FullName], Options = new EvaluationOptions() };
                return await new EvaluationRun(console, settings).RunAsync(cancel);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }
}
