using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Inspection;
using DistributedLoss.Cli.Output;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss inspect PATH...</c></summary>
internal static class InspectCommand
{
    public const string Name = "inspect";

    public const string Description = "Shows what is in a dump, which columns would be read, and how it would be evaluated. Reads no more than footers, page headers and a few rows.";

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var input = new InputOptions();
        var workers = CliOptions.OptionalInteger("--workers", "Workers to plan for [default: one a processor]", 1, DlossConfiguration.WorkerLimit);
        var format = CliOptions.Choice("--format", "The inspection on stdout", "table", "json");
        input.AddTo(command);
        command.Add(workers);
        command.Add(format);
        command.SetAction(parse =>
        {
            var (paths, options) = input.Read(parse);
            var configuration = DlossConfiguration.Load(console);
            var inspection = DatasetInspection.Read(paths, options, (int?)workers.OptionalValue(parse) ?? configuration.Workers ?? Environment.ProcessorCount, cancel);
            ResultOutput.Write(console, (ResultFormat)format.Index(parse), stream => InspectionJson.Write(stream, inspection), writer => InspectionTable.Write(writer, inspection));
            return ExitCode.Done;
        });
    }
}
