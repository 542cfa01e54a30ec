using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Inspection;
using DistributedLoss.Cli.Output;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss inspect PATH...</c></summary>
internal static class InspectCommand
{
    public static Command Create(CliConsole console)
    {
        var input = new InputOptions();
        var workers = CliOptions.OptionalInteger("--workers", "Workers to plan for [default: one a processor]", 1, DlossConfiguration.WorkerLimit);
        var format = CliOptions.Choice("--format", "The inspection on stdout", ("table", ResultFormat.Table), ("json", ResultFormat.Json));
        var command = new Command("inspect", "Shows what is in a dump, which columns would be read, and how it would be evaluated. Reads no more than footers, page headers and a few rows.");
        input.AddTo(command);
        command.Add(workers);
        command.Add(format);
        command.SetAction(parse =>
        {
            var (paths, options) = input.Read(parse);
            var configuration = DlossConfiguration.Load(console);
            var inspection = DatasetInspection.Read(paths, options, (int?)parse.GetValue(workers) ?? configuration.Workers ?? Environment.ProcessorCount);
            ResultOutput.Write(console, parse.GetValue(format), stream => InspectionJson.Write(stream, inspection), writer => InspectionTable.Write(writer, inspection));
            return ExitCode.Done;
        });
        return command;
    }
}
