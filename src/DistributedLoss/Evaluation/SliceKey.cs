using System.Globalization;
using System.Text;

namespace DistributedLoss.Evaluation;

/// <summary>A slice: which of the <c>--slice-by</c> sets of columns it belongs to, and its value in each of these columns as text, null for a null.</summary>
public sealed class SliceKey : IEquatable<SliceKey>
{
    // Texts of any content, made one without ambiguity.
    private readonly string _identity;

    public SliceKey(int set, IReadOnlyList<string?> values)
    {
        (Set, Values) = (set, values);
        var identity = new StringBuilder(set.ToString(CultureInfo.InvariantCulture));
        foreach (string? value in values)
        {
            identity.Append(CultureInfo.InvariantCulture, $"|{value?.Length ?? -1}:{value}");
        }

        _identity = identity.ToString();
    }

    /// <summary>Position among the sets.</summary>
    public int Set { get; }

    /// <summary>One a column of the set.</summary>
    public IReadOnlyList<string?> Values { get; }

    /// <summary>The key as one text; different keys have different ones.</summary>
    public string Identity => _identity;

    public bool Equals(SliceKey? other) => other is not null && _identity == other._identity;

    public override bool Equals(object? obj) => Equals(obj as SliceKey);

    public override int GetHashCode() => _identity.GetHashCode(StringComparison.Ordinal);

    /// <summary>By set, then value by value: null first, then in ordinal order.</summary>
    public static int Compare(SliceKey x, SliceKey y)
    {
        int order = x.Set.CompareTo(y.Set);
        for (int i = 0; order == 0 && i < x.Values.Count; i++)
        {
            order = string.CompareOrdinal(x.Values[i], y.Values[i]);
        }

        return order;
    }
}
