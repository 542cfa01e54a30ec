namespace DistributedLoss.Http.Status;

/// <summary>The words of <c>dloss_run_state</c>, in lower case.</summary>
public enum RunState
{
    Planning,
    Running,
    Finished,
    Failed,
    Cancelled,
}
