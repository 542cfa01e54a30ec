using System.Collections.Concurrent;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Local;

/// <summary>Totals travel from worker to coordinator and back, so that memory does not grow with the number of shards.</summary>
internal sealed class TotalsPool(Func<Totals> create)
{
    private readonly ConcurrentBag<Totals> _free = [];

    public Totals Rent() => _free.TryTake(out var totals) ? totals : create();

    public void Return(Totals totals)
    {
        totals.Clear();
        _free.Add(totals);
    }
}
