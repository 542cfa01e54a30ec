using System.CommandLine;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss demo</c>: the main job on a machine that has no data yet.</summary>
internal static class DemoCommand
{
    public const string Name = "demo";

    public const string Description = "Makes a dump of 20,000 predictions in a temporary folder, evaluates it, prints the result, and cleans up.";

    private static readonly SyntheticOptions Dump = new() { Rows = 20_000, Classes = 1000, Files = 2 };

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        command.SetAction(_ =>
        {
            var folder = Directory.CreateTempSubdirectory("dloss-demo-");
            try
            {
                Generation.WriteAsync(console, folder.FullName, Dump, force: false, cancel).GetAwaiter().GetResult();
                console.Error.WriteLine($"dloss: made {Dump.Rows:N0} predictions over {Dump.Classes:N0} classes in {folder.FullName}, which goes again; evaluated as dloss evaluate does");
                var settings = new RunSettings { Paths = [folder.FullName], Options = new EvaluationOptions() };
                return new EvaluationRun(console, settings).Run(cancel);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
    }
}
