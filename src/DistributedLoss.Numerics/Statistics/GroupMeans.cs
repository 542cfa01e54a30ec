using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Row losses by group (documents, users, tasks): the mean over groups of each group's mean, in which a group counts once however many rows it has. Counts and
/// exact sums for each group, mergeable in any order, to the same bits.
/// </summary>
/// <remarks>
/// A group is a key, compared by its UTF-16 code units, or null. A group costs about 100 bytes and its key's string, 40 more with weights; as in
/// <see cref="ExactSumArray"/>, one that has a loss outside 2^-204 to 2^62 costs 1.2 kB more. Whether the limit is passed depends on all rows' distinct keys
/// alone, not on their order or merging.
/// </remarks>
public sealed partial class GroupMeans
{
    public const int DefaultLimit = 1_000_000;

    private const int LeastRoom = 64;

    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byChars;
    private readonly ExactSumArray _losses;
    private readonly ExactSumArray? _weights;
    private readonly List<long> _counts = [];
    private int _nullIndex = -1;

    /// <param name="weighted">Whether rows have weights: a group's mean is then its weighted losses' sum by its weights'.</param>
    /// <param name="limit">The most groups there may be.</param>
    public GroupMeans(bool weighted = false, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        Limit = limit;
        _losses = new(0);
        _weights = weighted ? new(0) : null;
        _byChars = _indices.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool IsWeighted => _weights is not null;

    public int Limit { get; }

    /// <summary>Groups seen.</summary>
    public int Groups => _counts.Count;

    /// <summary>Rows added.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of the heap in use; keys at the size of their strings.</summary>
    public long AllocatedBytes =>
        256 + _losses.AllocatedBytes + (_weights?.AllocatedBytes ?? 0) + (sizeof(long) * (long)_counts.Capacity) + (28L * _indices.Capacity)
        + _indices.Keys.Sum(key => 24L + (sizeof(char) * key.Length));

    /// <summary>The number of a key's group, which <see cref="Add(int, double)"/> takes: a new one for a new key. It has no meaning elsewhere.</summary>
    /// <exception cref="LimitExceededException">The key is new, and <see cref="Limit"/> groups are there.</exception>
    public int GroupOf(string? key)
    {
        if (key is null)
            return _nullIndex >= 0 ? _nullIndex : _nullIndex = NewGroup();
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indices, key, out var known);
        if (known)
            return index;
        if (Groups == Limit)
            _indices.Remove(key);
        else
            index = Groups;
        return NewGroup();
    }

    /// <summary>As the other, with no allocation for a key seen before.</summary>
    /// <exception cref="LimitExceededException">The key is new, and <see cref="Limit"/> groups are there.</exception>
    public int GroupOf(ReadOnlySpan<char> key) => _byChars.TryGetValue(key, out var index) ? index : GroupOf(new string(key));

    /// <summary>Adds a row without a weight.</summary>
    /// <param name="group">From <see cref="GroupOf(string?)"/>.</param>
    /// <exception cref="InvalidOperationException">Rows have weights here.</exception>
    public void Add(int group, double loss)
    {
        ThrowIfWeighted(true);
        CountRow(group);
        _losses.Add(group, loss);
    }

    /// <summary>Adds rows without weights.</summary>
    /// <param name="groups">Each from <see cref="GroupOf(string?)"/>.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    /// <exception cref="InvalidOperationException">Rows have weights here.</exception>
    public void Add(ReadOnlySpan<int> groups, ReadOnlySpan<double> losses)
    {
        ThrowIfWeighted(true);
        if (losses.Length != groups.Length)
            throw new ArgumentException($"{losses.Length} losses cannot be added to {groups.Length} groups.", nameof(losses));
        foreach (var group in groups)
            CountRow(group);
        _losses.Add(groups, losses);
    }

    /// <summary>Adds a row with a weight, as <see cref="WeightedLoss.Add(double, double)"/>.</summary>
    /// <param name="group">From <see cref="GroupOf(string?)"/>.</param>
    /// <param name="weight">At least 0, finite.</param>
    /// <exception cref="InvalidOperationException">Rows have no weights here.</exception>
    public void Add(int group, double weight, double loss)
    {
        ThrowIfWeighted(false);
        CountRow(group);
        _losses.AddProduct(group, weight, loss);
        _weights!.Add(group, weight);
    }

    /// <summary>
    /// Adds a row whose contribution is labelWeight x labelLoss + rowWeight x rest, as <see cref="WeightedLoss.Add(double, double, double, double)"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Rows have no weights here.</exception>
    public void Add(int group, double labelWeight, double labelLoss, double rowWeight, double rest)
    {
        ThrowIfWeighted(false);
        CountRow(group);
        if (double.IsFinite(labelLoss) && double.IsFinite(rest))
        {
            _losses.AddProduct(group, labelWeight, labelLoss);
            _losses.AddProduct(group, rowWeight, rest);
        }
        else
            _losses.Add(group, (labelWeight * labelLoss) + (rowWeight * rest));
        _weights!.Add(group, labelWeight);
    }

    /// <exception cref="ArgumentException">One has weights and the other has not.</exception>
    /// <exception cref="LimitExceededException">Together they have more than <see cref="Limit"/> groups: these means are then of no use.</exception>
    public void Add(GroupMeans other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.IsWeighted != IsWeighted)
            throw new ArgumentException("Groups with weights and groups without cannot be added.", nameof(other));
        Count = checked(Count + other.Count);
        foreach (var (key, theirs) in other._indices)
            AddGroup(GroupOf(key), other, theirs);
        if (other._nullIndex >= 0)
            AddGroup(GroupOf((string?)null), other, other._nullIndex);
    }

    /// <summary>Back to no groups, with the sums' memory kept.</summary>
    public void Clear()
    {
        Count = 0;
        _indices.Clear();
        _counts.Clear();
        _nullIndex = -1;
        _losses.Clear();
        _weights?.Clear();
    }

    /// <summary>Rows of a group; 0 for a key never seen.</summary>
    public long CountOf(string? key) => Find(key) is >= 0 and var group ? _counts[group] : 0;

    /// <summary>The correctly rounded mean of a group; null for a key never seen and for a group whose weights sum to 0.</summary>
    public double? MeanOf(string? key) => Find(key) is >= 0 and var group ? Mean(group, new(), new()) : null;

    /// <summary>
    /// The groups' means, each correctly rounded, as one sample: its Mean is the group-level mean, its StandardError that over groups. A group whose weights sum to
    /// 0 has no mean and is not in it.
    /// </summary>
    public LossMoments ToMoments()
    {
        var moments = new LossMoments();
        var (losses, weights) = (new ExactSum(), new ExactSum());
        for (var group = 0; group < Groups; group++)
        {
            if (Mean(group, losses, weights) is { } mean)
                moments.Add(mean);
        }

        return moments;
    }

    /// <summary>The mean with two sums to work in.</summary>
    private double? Mean(int group, ExactSum losses, ExactSum weights)
    {
        losses.Clear();
        _losses.AddTo(group, losses);
        if (_weights is null)
            return losses.Quotient(_counts[group]);
        weights.Clear();
        _weights.AddTo(group, weights);
        return weights.Sign == 0 ? null : losses.Quotient(weights);
    }

    private void AddGroup(int ours, GroupMeans other, int theirs)
    {
        _counts[ours] += other._counts[theirs];
        _losses.Add(ours, other._losses, theirs);
        _weights?.Add(ours, other._weights!, theirs);
    }

    private int Find(string? key) => key is null ? _nullIndex : _indices.TryGetValue(key, out var index) ? index : -1;

    private int NewGroup()
    {
        if (Groups == Limit)
            throw new LimitExceededException("groups", Limit);
        if (Groups == _losses.Length)
        {
            var room = (int)Math.Min(Limit, Math.Max(LeastRoom, 2L * Groups));
            _losses.Lengthen(room);
            _weights?.Lengthen(room);
        }

        _counts.Add(0);
        return Groups - 1;
    }

    private void CountRow(int group)
    {
        CollectionsMarshal.AsSpan(_counts)[group]++;
        Count++;
    }

    private void ThrowIfWeighted(bool weighted)
    {
        if (IsWeighted == weighted)
            throw new InvalidOperationException(weighted ? "A row without a weight was added to groups with weights." : "A row with a weight was added to groups without.");
    }
}
