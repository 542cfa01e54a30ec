using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss;

/// <summary>
/// The loss of a model over a dump of its predictions, on threads of this process. Messages of exceptions are one line each: what, where, what to do; they name options as
/// the <c>dloss</c> command has them.
/// </summary>
public static class LossEvaluation
{
    /// <summary>Evaluates a dump, and returns when it is done.</summary>
    /// <param name="paths">Parquet files, directories (searched for <c>*.parquet</c>), globs, and URLs (docs/inputs.md): together one dataset, in ordinal path order.</param>
    /// <param name="options">Columns, loss and statistics: all that can change a number; null for logits in <c>logits</c>, class indices in <c>label</c>.</param>
    /// <param name="settings">How it runs; null for one thread a processor.</param>
    /// <param name="progress">Told about five times a second, on a thread of the run.</param>
    /// <param name="cancel">Ends the run at the next few thousand rows.</param>
    /// <returns>The same figures, bit by bit, for the same data and options, whatever the settings and the machine.</returns>
    /// <exception cref="BadOptionException">An option or setting has a value that it cannot have, or contradicts another or the data.</exception>
    /// <exception cref="BadInputException">The data cannot be evaluated: no such file or column, no Parquet, a row that has no loss.</exception>
    /// <exception cref="RunDirectoryException">The run directory is damaged, or another process has it.</exception>
    /// <exception cref="EngineException">The run failed for a reason that is not in the data.</exception>
    /// <exception cref="IOException">The run directory cannot be written: the disk is full, or failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> asked for it.</exception>
    public static EvaluationResult Evaluate(
        IReadOnlyList<string> paths,
        EvaluationOptions? options = null,
        EvaluationSettings? settings = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        settings ??= new EvaluationSettings();
        Check(settings);
        try
        {
            return Run(paths, options ?? new EvaluationOptions(), settings, progress, cancel);
        }
        catch (ParquetException e) when (e.InnerException is SourceUnavailableException)
        {
            throw new EngineException(e.Message, e);
        }
        catch (ParquetException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    /// <summary>As <see cref="Evaluate"/>, on threads of its own from the first byte on.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public static Task<EvaluationResult> EvaluateAsync(
        IReadOnlyList<string> paths,
        EvaluationOptions? options = null,
        EvaluationSettings? settings = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancel = default) =>
        Task.Factory.StartNew(
            () => Evaluate(paths, options, settings, progress, cancel), cancel, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private static EvaluationResult Run(
        IReadOnlyList<string> paths, EvaluationOptions options, EvaluationSettings settings, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        using var directory = settings.RunDirectory is { } path ? RunDirectory.Open(path, settings.Resume) : null;
        var plan = RunPlan.Create(paths, options, new PlanOptions { ShardBytes = settings.ShardBytes }, cancel);
        if (settings.OnEvent is { } listener && InputSample.Doubt(plan, cancel) is { } doubt)
        {
            listener(new RunEvent.InputDoubtful(doubt));
        }

        var engine = new LocalEngine(new LocalEngineOptions { Workers = settings.Workers, RunDirectory = directory });
        return engine.RunAsync(plan, settings.OnEvent ?? (_ => { }), progress, cancel).GetAwaiter().GetResult() switch
        {
            RunOutcome.Completed(var result) => result,
            RunOutcome.Cancelled => throw new OperationCanceledException(cancel),
            RunOutcome.Failed { BadInput: true, Message: var message } => throw new BadInputException(message),
            RunOutcome.Failed(var message, _) => throw new EngineException(message),
            var other => throw new InvalidOperationException($"the engine ended with an outcome of an unknown kind: {other}"),
        };
    }

    private static void Check(EvaluationSettings settings)
    {
        if (settings.Workers < 1)
        {
            throw new BadOptionException($"{nameof(EvaluationSettings.Workers)} {settings.Workers}: at least one thread evaluates");
        }

        if (settings.ShardBytes < 1)
        {
            throw new BadOptionException($"{nameof(EvaluationSettings.ShardBytes)} {settings.ShardBytes}: a thread gets at least one byte at a time");
        }

        if (settings is { Resume: true, RunDirectory: null })
        {
            throw new BadOptionException($"{nameof(EvaluationSettings.Resume)}: there is no run to continue; name its {nameof(EvaluationSettings.RunDirectory)}");
        }
    }
}
