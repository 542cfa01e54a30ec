using DistributedLoss.Evaluation;

namespace DistributedLoss.Local;

/// <summary>Totals travel from worker to coordinator and back, so that memory does not grow with the number of shards.</summary>
internal sealed class TotalsPool(Func<Totals> create)
{
    private readonly Stack<Totals> _free = [];

    public Totals Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out var totals))
            {
                return totals;
            }
        }

        return create();
    }

    public void Return(Totals totals)
    {
        totals.Clear();
        lock (_free)
        {
            _free.Push(totals);
        }
    }
}
