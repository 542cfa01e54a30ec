using DistributedLoss.Coordination;
using DistributedLoss.Losses;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>How one execution of a shard ended.</summary>
public abstract record ShardOutcome
{
    public sealed record Finished(ShardResult Result) : ShardOutcome;

    public sealed record Failed(ShardFailure Failure) : ShardOutcome;

    /// <summary>The file is not there, not readable, or another than the plan has: the fault of the data where there is one machine, of the worker where there are many.</summary>
    /// <param name="Message">One line: what, where, what to do.</param>
    public sealed record NoInput(string Message) : ShardOutcome;

    /// <summary>The observer stopped it.</summary>
    public sealed record Stopped : ShardOutcome;
}

/// <summary>The worker's side of a shard, for every engine: evaluates, and tells failures of data, disk and place apart. For one thread.</summary>
public sealed class ShardRunner(RunPlan plan) : IDisposable
{
    private readonly ShardEvaluator _evaluator = new(plan);

    /// <param name="totals">Empty; of no use afterwards, unless they are in a result.</param>
    /// <param name="openLosses">Makes what takes the shard's rows; null where nobody asks for them. That its disk is full is a failure of the shard.</param>
    /// <exception cref="Exception">Any that is not about input: a fault of the program.</exception>
    public ShardOutcome Run(Shard shard, Totals totals, IShardObserver observer, Func<Shard, LossPartWriter>? openLosses = null)
    {
        try
        {
            using var losses = openLosses?.Invoke(shard);
            var result = _evaluator.Evaluate(shard, totals, observer, losses);
            return result is null ? new ShardOutcome.Stopped() : new ShardOutcome.Finished(result with { Losses = losses?.Finish(totals.Rows) });
        }
        catch (MissingInputException e)
        {
            return new ShardOutcome.NoInput(e.Message);
        }
        catch (OperationCanceledException)
        {
            // While it waited for bytes from a network.
            return new ShardOutcome.Stopped();
        }
        catch (ParquetException e) when (e.InnerException is IOException)
        {
            // The reader wraps what the disk says; what a network says has its own advice.
            string advice = e.InnerException is SourceUnavailableException ? "" : "; check the disk";
            return new ShardOutcome.Failed(new ShardFailure($"{e.Message}{advice}", Deterministic: false));
        }
        catch (Exception e) when (e is BadInputException or ParquetException)
        {
            return new ShardOutcome.Failed(new ShardFailure(e.Message, Deterministic: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string file = plan.Files[shard.File].Path;
            return new ShardOutcome.Failed(new ShardFailure($"{file}: row group {shard.RowGroup}: {e.Message.ReplaceLineEndings(" ")}; check the disk", Deterministic: false));
        }
    }

    public void Dispose() => _evaluator.Dispose();
}
