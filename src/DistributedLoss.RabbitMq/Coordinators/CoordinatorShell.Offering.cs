using DistributedLoss.Coordination;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.Wire;
using Input = DistributedLoss.Coordination.CoordinatorInput;

namespace DistributedLoss.RabbitMq.Coordinators;

/// <content>When shards are put into the broker's queue: after the results that waited there are settled, and anew where none come any more.</content>
internal sealed partial class CoordinatorShell
{
    // Far longer than the broker takes to deliver what it said it has.
    private static readonly TimeSpan BacklogLimit = TimeSpan.FromSeconds(5);

    private readonly OfferQueue _offers = new(options.OfferWindow);

    // Nothing is offered before the results queue's backlog is settled.
    private bool _isSettlingBacklog;

    // The shards queue may hold something: a new run's first session knows that it does not.
    private bool _isOffered = options.RunDirectory is not null;

    /// <summary>Begins to offer once whatever was done while the coordinator was away is settled.</summary>
    private async Task OfferIfSettledAsync()
    {
        if (_isSettlingBacklog && _session is { IsBacklogHeard: true } session)
        {
            _isSettlingBacklog = false;
            await OfferAnewAsync(session).ConfigureAwait(false);
        }
    }

    private async Task OfferAnewAsync(CoordinatorSession session)
    {
        try
        {
            if (_isOffered)
            {
                await session.PurgeShardsAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The connection is lost, or might as well be; the next one begins in the same way.
            session.Abort(e);
            _session = null;
            return;
        }

        _isOffered = true;
        _offers.Clear();
        Feed(new Input.BrokerReady());
    }

    private async Task OfferAnewIfStalledAsync()
    {
        _lastNews = run.Now;
        try
        {
            if (!_isSettlingBacklog && await _session!.CountShardsAsync(CancellationToken.None).ConfigureAwait(false) == 0)
            {
                await OfferAnewAsync(_session).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _session?.Abort(e);
            _session = null;
        }
    }

    /// <summary>Neither a backlog that does not come nor shards that nobody reports of keep the run for ever.</summary>
    private async Task OfferIfSilentAsync()
    {
        if (_isSettlingBacklog && run.Now - _lastNews >= BacklogLimit)
        {
            // Another connection of ours, which the broker has not given up yet, has them.
            _isSettlingBacklog = false;
            await OfferAnewAsync(_session!).ConfigureAwait(false);
        }

        if (_session is not null && run.Now - _lastNews >= options.StallLimit)
        {
            await OfferAnewIfStalledAsync().ConfigureAwait(false);
        }
    }

    private void OfferNext()
    {
        while (_session is not null && _offers.TryTake(out var offer))
        {
            byte[] assignment = WireShards.Write(new ShardAssignment(plan.Shards[offer.Shard], offer.Attempt, Request: 0));
            _ = _session.Outbox.StoreAsync(Topology.Shards(run.Id), assignment);
        }
    }
}
