using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka;

/// <summary>A run that a worker takes part in; plan and thread are there once its inputs are checked.</summary>
internal sealed class ActiveRun(string id)
{
    public string Id => id;

    public RunPlan? Plan { get; private set; }

    public ShardThread? Thread { get; private set; }

    /// <summary>Reads what the coordinator says of the run, and looks whether this machine has its files: by any thread, for as long as it takes.</summary>
    public Prepared Prepare(WorkerCommand.Run command)
    {
        try
        {
            var description = WireRuns.Read(command.Description.Span);
            return description.RunId == id
                ? new Prepared(this, LocalInputs.Localize(description.Plan), null)
                : new Prepared(this, null, $"run {id} is described as run {description.RunId}");
        }
        catch (Exception e) when (e is WireException or MissingInputException)
        {
            return new Prepared(this, null, e.Message);
        }
    }

    public void Begin(RunPlan plan, string name, Action<ShardJob> onTile, Action<ShardEnded> onEnded)
    {
        Plan = plan;
        Thread = new ShardThread(plan, name, onTile, onEnded);
    }

    public void End() => Thread?.End();
}

/// <param name="Plan">With this machine's files; null where they are not those of the run.</param>
/// <param name="Refusal">Why, then.</param>
internal sealed record Prepared(ActiveRun Run, RunPlan? Plan, string? Refusal);
