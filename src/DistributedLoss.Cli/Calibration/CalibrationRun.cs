using DistributedLoss.Calibration;
using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Reports;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Calibration;

/// <summary>One calibration, from settings to exit code: several runs of an engine over the same plan, one log.</summary>
internal sealed class CalibrationRun(CliConsole console, RunSettings settings)
{
    private RunProgress _reached = new(0, 0, 0, 0, 0, TimeSpan.Zero, null, null, 0);

    /// <exception cref="CliException">The settings cannot be used; nothing has run.</exception>
    public int Run(CancellationToken cancel)
    {
        var configuration = DlossConfiguration.Load(console);
        Calibrator.Check(settings.Options);
        string engine = EngineFactory.Choose(settings, configuration);
        OutputPaths.Check(settings.Paths, ("--output", settings.Output), ("--report", settings.Report), ("--log-file", settings.Log.File));
        using var output = settings.Output is { } file ? AtomicFile.Open("--output", file) : null;
        using var report = settings.Report is { } page ? AtomicFile.Open("--report", page) : null;
        var lines = new StderrLines(console.Error);
        bool bar = settings.HasBar(console);
        using var log = RunLog.Open(settings.Log, configuration, lines, bar, settings.Progress != ProgressMode.Never);
        int shards = 0;
        try
        {
            var plan = RunPlan.Create(settings.Paths, settings.Options, new PlanOptions { ShardBytes = settings.ShardBytes }, cancel);
            shards = plan.Shards.Count;
            if (InputSample.Doubt(plan, cancel) is { } doubt)
            {
                log.Write(new RunEvent.InputDoubtful(doubt));
            }

            var result = Calibrator.Run(plan, pass => Evaluate(engine, pass, configuration, log, bar ? lines : null, cancel));
            output?.Commit(stream => CalibrationJson.Write(stream, result));
            report?.Commit(stream => CalibrationReport.Write(stream, result));
            ResultOutput.Write(
                console,
                settings.Format,
                stream => CalibrationJson.Write(stream, result),
                writer => CalibrationTable.Write(new TextReport(writer, console.OutHasColour), result));
            if (result.Remark is { } remark && settings.Format == ResultFormat.Json)
            {
                log.Remark(remark);
            }

            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            log.Cancel(_reached);
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            var (code, message, unexpected) = DlossApp.Explain(e);
            log.Fail(message, shards, unexpected ? e : null);
            return code;
        }
    }

    /// <summary>One pass. An engine runs once: its connections and queues are the run's.</summary>
    private EvaluationResult Evaluate(string engineName, CalibrationPass pass, DlossConfiguration configuration, RunLog log, StderrLines? lines, CancellationToken cancel)
    {
        log.CalibrationPass(pass);
        var bar = lines is null ? null : new ProgressBar(console, lines, $"pass {pass.Number}");
        var engine = EngineFactory.Create(engineName, console, settings, configuration, directory: null, losses: null);
        RunOutcome outcome;
        try
        {
            outcome = engine.RunAsync(pass.Plan, log.Write, bar, cancel).GetAwaiter().GetResult();
        }
        finally
        {
            bar?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            (engine as IAsyncDisposable)?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        switch (outcome)
        {
            case RunOutcome.Completed(var result):
                return result;
            case RunOutcome.Cancelled(var progress):
                _reached = progress;
                throw new OperationCanceledException(cancel);
            case RunOutcome.Failed(var message, BadInput: true):
                throw new BadInputException(message);
            case RunOutcome.Failed(var message, _):
                throw new CliException(ExitCode.RunFailed, message);
            default:
                throw new InvalidOperationException($"the engine ended with an outcome of an unknown kind: {outcome}");
        }
    }
}
