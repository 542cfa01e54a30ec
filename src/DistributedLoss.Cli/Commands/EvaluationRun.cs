using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Monitoring;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Reports;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Commands;

/// <summary>One evaluation, from settings to exit code: the plan, the engine, its log and bar, the result.</summary>
internal sealed class EvaluationRun(CliConsole console, RunSettings settings)
{
    /// <exception cref="CliException">The settings cannot be used; nothing has run.</exception>
    public int Run(CancellationToken cancel)
    {
        var configuration = DlossConfiguration.Load(console);
        CheckThresholds(classes: null, "");
        CheckRunDirectory();
        string engineName = EngineFactory.Choose(settings, configuration);
        OutputPaths.Check(
            settings.Paths, [("--output", settings.Output), ("--report", settings.Report), ("--log-file", settings.Log.File), ("--losses", settings.Losses), .. RunFiles()]);
        using var directory = settings.RunDirectory is { } run ? RunDirectory.Open(run, settings.Resume) : null;
        using var output = settings.Output is { } file ? AtomicFile.Open("--output", file) : null;
        using var report = settings.Report is { } page ? AtomicFile.Open("--report", page) : null;
        using var losses = settings.Losses is { } rows ? LossOutput.Open(rows) : null;
        var lines = new StderrLines(console.Error);
        bool bar = settings.HasBar(console);
        using var log = RunLog.Open(settings.Log, configuration, lines, bar, settings.Progress != ProgressMode.Never);
        int shards = 0;
        IEngine? engine = null;
        RunMonitor? monitor = null;
        try
        {
            monitor = RunMonitor.OfCoordinatorAsync(console, settings, configuration, log).GetAwaiter().GetResult();
            engine = EngineFactory.Create(engineName, console, settings, configuration, directory, losses);
            var plan = RunPlan.Create(settings.Paths, settings.Options, new PlanOptions { ShardBytes = settings.ShardBytes }, cancel);
            shards = plan.Shards.Count;
            CheckThresholds(plan.Classes ?? 0, $" for {plan.Classes ?? 0} classes");
            if (InputSample.Doubt(plan, cancel) is { } doubt)
            {
                log.Write(new RunEvent.InputDoubtful(doubt));
            }

            if (settings.Sha256)
            {
                plan = plan with { Files = ContentDigest.Take(plan.Files, Environment.ProcessorCount, cancel) };
            }

            return Evaluate(engine, plan, bar ? new ProgressBar(console, lines) : null, log, monitor, output, report, losses, cancel);
        }
        catch (OperationCanceledException)
        {
            log.Cancel(new RunProgress(0, 0, 0, 0, 0, TimeSpan.Zero, null, null, 0));
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            var (code, message, unexpected) = DlossApp.Explain(e);
            log.Fail(message, shards, unexpected ? e : null);
            return code;
        }
        finally
        {
            if (engine is IAsyncDisposable connected)
            {
                connected.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }

            monitor?.EndAsync(log, cancel).GetAwaiter().GetResult();
        }
    }

    private int Evaluate(
        IEngine engine, RunPlan plan, ProgressBar? bar, RunLog log, RunMonitor? monitor, AtomicFile? output, AtomicFile? report, LossOutput? losses, CancellationToken cancel)
    {
        var history = settings.TellsHistory ? new RunHistoryRecorder(TimeProvider.System) : null;
        log.Observer += history is null ? null : history.Observe;
        losses?.File.Begin(plan);
        RunOutcome outcome;
        try
        {
            outcome = engine.RunAsync(plan, log.Write, ProgressListeners.Of(bar, monitor), cancel).GetAwaiter().GetResult();
        }
        finally
        {
            if (bar is not null)
            {
                bar.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }

        switch (outcome)
        {
            case RunOutcome.Completed(var counted):
                var result = history is null ? counted : counted with { Shards = counted.Shards with { History = history.ToHistory() } };
                losses?.File.Commit();
                output?.Commit(stream => ResultJson.Write(stream, result));
                report?.Commit(stream => ResultReport.Write(stream, result));
                WriteResult(result);
                monitor?.Complete(result);
                if (result.Remark is { } remark && settings.Format == ResultFormat.Json)
                {
                    log.Remark(remark);
                }

                return ReportMisses(result, log) ? ExitCode.ThresholdMissed : ExitCode.Done;
            case RunOutcome.Failed(var message, var badInput):
                log.Fail(message, plan.Shards.Count);
                return badInput ? ExitCode.BadInput : ExitCode.RunFailed;
            case RunOutcome.Cancelled(var progress):
                log.Cancel(progress);
                return ExitCode.Cancelled;
            default:
                throw new InvalidOperationException($"the engine ended with an outcome of an unknown kind: {outcome}");
        }
    }

    /// <exception cref="CliException">The options about the run directory contradict others.</exception>
    private void CheckRunDirectory()
    {
        if (settings.Resume && settings.RunDirectory is null)
        {
            throw CliException.Usage("--resume: there is no run to continue; name its directory with --run-dir");
        }

        if (settings.RunDirectory is not null && settings.Losses is not null)
        {
            throw CliException.Usage("--losses with --run-dir: the run directory keeps totals, not the losses of rows; leave one of the two out");
        }
    }

    private IEnumerable<(string Option, string? File)> RunFiles() => settings.RunDirectory is not { } directory
        ? []
        : new[] { RunDirectory.ManifestName, RunDirectory.JournalName, RunDirectory.LockName }.Select(name => ("--run-dir", (string?)Path.Combine(directory, name)));

    /// <exception cref="CliException">A threshold is about a figure that there is not.</exception>
    private void CheckThresholds(int? classes, string where)
    {
        if (settings.Thresholds.Count == 0)
        {
            return;
        }

        var expected = ResultMetrics.Expected(settings.Options, classes);
        foreach (var (metric, limit, isCeiling) in settings.Thresholds)
        {
            if (!expected.TryGet(metric, out _))
            {
                throw CliException.Usage(
                    $"{ThresholdOption.Name(isCeiling)} {metric}={Quantity.Exact(limit)}: the result has no number {metric}{where}; name one by its place in the JSON, such as loss.mean or accuracy.top1 (docs/results.md)");
            }
        }
    }

    private bool ReportMisses(EvaluationResult result, RunLog log)
    {
        if (settings.Thresholds.Count == 0)
        {
            return false;
        }

        var metrics = new ResultMetrics(result);
        ThresholdMiss[] misses = [.. settings.Thresholds.Select(t => t.Miss(metrics)).OfType<ThresholdMiss>()];
        foreach (var miss in misses)
        {
            log.Miss(miss);
        }

        return misses.Length > 0;
    }

    private void WriteResult(EvaluationResult result) =>
        ResultOutput.Write(
            console,
            settings.Format,
            stream => ResultJson.Write(stream, result),
            writer => new ResultTable(writer, console.OutHasColour).Write(result));
}
