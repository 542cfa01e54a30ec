using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Verification;

/// <summary>A result, and the runs that made it again.</summary>
internal sealed record Verdict(EvaluationResult Recorded, IReadOnlyList<VerifiedRun> Runs)
{
    /// <summary>Of a run: what is wrong shows in a few.</summary>
    private const int MostDifferences = 10;

    public bool Stands => Runs.All(r => r.Differences.Count == 0);

    /// <summary>Whether the files' bytes are those of the result, not only their lengths and footers.</summary>
    public bool EveryByte => Recorded.Files.All(f => f.Sha256 is not null);

    /// <exception cref="BadInputException">The result's files are not there, or others; or a row cannot be evaluated.</exception>
    /// <exception cref="CliException">A run failed.</exception>
    /// <exception cref="OperationCanceledException">Before or in a run.</exception>
    public static Verdict Run(EvaluationResult recorded, int runs, CancellationToken cancel)
    {
        RecordedInputs.Check(recorded.Files, cancel);
        return new Verdict(recorded, [.. VerificationRun.Differing(recorded.Environment, runs).Select(run => Run(recorded, run, cancel))]);
    }

    private static VerifiedRun Run(EvaluationResult recorded, VerificationRun run, CancellationToken cancel)
    {
        string[] paths = [.. recorded.Files.Select(f => f.Path)];
        var plan = RunPlan.Create(paths, recorded.Options, new PlanOptions { ShardBytes = run.ShardBytes }, cancel) with { Kernel = run.Kernel };
        var engine = new LocalEngine(new LocalEngineOptions { Workers = run.Workers });
        return engine.RunAsync(plan, _ => { }, null, cancel).GetAwaiter().GetResult() switch
        {
            RunOutcome.Completed(var result) => new VerifiedRun(run, result, ResultDifferences.Find(recorded, result, MostDifferences)),
            RunOutcome.Cancelled => throw new OperationCanceledException(cancel),
            RunOutcome.Failed { BadInput: true, Message: var message } => throw new BadInputException(message),
            RunOutcome.Failed(var message, _) => throw new CliException(ExitCode.RunFailed, message),
            var other => throw new InvalidOperationException($"the engine ended with an outcome of an unknown kind: {other}"),
        };
    }
}

/// <param name="Differences">The first few, from what was recorded to what came out; none where the result stands.</param>
internal sealed record VerifiedRun(VerificationRun Run, EvaluationResult Result, IReadOnlyList<ResultDifference> Differences);
