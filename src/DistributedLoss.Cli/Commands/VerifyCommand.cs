using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Verification;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Commands;

/// <summary><c>dloss verify RESULT.json</c></summary>
internal static class VerifyCommand
{
    public const string Name = "verify";

    public const string Description = "Makes a result again from its files, with other shards, workers and kernels, and says whether every figure stands.";

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var file = new Argument<string>("RESULT.json") { Description = "What evaluate --output, or --format json, wrote" };
        var runs = CliOptions.Integer("--runs", "How often, each time in another way", 2, 1, VerificationRun.Most);
        var format = CliOptions.Choice("--format", "The verdict on stdout", "table", "json");
        file.Validators.Add(UsageErrors.RefuseOptions);
        command.Add(file);
        command.Add(runs);
        command.Add(format);
        command.SetAction(parse =>
        {
            var verdict = Verdict.Run(ResultReader.Read(parse.GetValue(file)!), (int)runs.Value(parse), cancel);
            ResultOutput.Write(
                console,
                (ResultFormat)format.Index(parse),
                stream => VerificationJson.Write(stream, verdict),
                writer => VerificationTable.Write(writer, console.OutHasColour, verdict));
            return verdict.Stands ? ExitCode.Done : ExitCode.ThresholdMissed;
        });
    }
}
