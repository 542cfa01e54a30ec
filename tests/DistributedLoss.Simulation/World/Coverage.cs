using System.Runtime.InteropServices;

namespace DistributedLoss.Simulation.World;

/// <summary>How often each thing happened, over one run or many: what a simulation never did, it did not try.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<string, long> _counts = [];
    private readonly long[] _faults = new long[Faults.Kinds];

    /// <summary>Invariants that were looked at.</summary>
    public long Checks { get; set; }

    public IEnumerable<(string What, long Count)> Counts =>
        Enum.GetValues<Fault>().Select(f => ($"fault {f}", _faults[(int)f])).Concat(_counts.Select(c => (c.Key, c.Value)).Order());

    public long this[string what] => _counts.GetValueOrDefault(what);

    public long this[Fault fault] => _faults[(int)fault];

    public void Count(Fault fault) => _faults[(int)fault]++;

    public void Count(string what, long times = 1) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, what, out _) += times;

    public void Add(Coverage other)
    {
        Checks += other.Checks;
        for (int i = 0; i < _faults.Length; i++)
        {
            _faults[i] += other._faults[i];
        }

        foreach (var (what, count) in other._counts)
        {
            Count(what, count);
        }
    }
}
