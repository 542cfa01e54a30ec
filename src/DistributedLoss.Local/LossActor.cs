using DistributedLoss.Losses;

namespace DistributedLoss.Local;

/// <summary>Appends the rows of finished shards to the file of losses, beside coordinator and workers: nobody waits for the disk.</summary>
/// <param name="onFailed">Told what the disk said; the run cannot complete then.</param>
internal sealed class LossActor(LossFile file, Action<Exception> onFailed) : Actor<LossPart>
{
    private volatile bool _givenUp;

    /// <summary>Takes what is in the mailbox already, and ends.</summary>
    /// <param name="giveUp">The run has no result: the rows are of no use.</param>
    public void End(bool giveUp)
    {
        _givenUp |= giveUp;
        Stop();
        try
        {
            Completion.GetAwaiter().GetResult();
        }
        catch (Exception) when (giveUp)
        {
            // The run says already why it has no result.
        }
    }

    protected override void Receive(LossPart part)
    {
        if (_givenUp)
        {
            return;
        }

        try
        {
            file.Settle(part);
        }
        catch (Exception e)
        {
            _givenUp = true;
            onFailed(e);
            throw;
        }
    }
}
