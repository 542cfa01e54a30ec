using DistributedLoss.Evaluation;

namespace DistributedLoss.Comparison;

/// <summary>Whether two rows are the same row of the data: refused by name where they are not.</summary>
internal sealed class PairCheck(ComparedSide a, ComparedSide b, ComparisonOptions options)
{
    private readonly bool _areLosses = a.HoldsLosses && b.HoldsLosses;
    private readonly bool _areDumps = !a.HoldsLosses && !b.HoldsLosses;

    // Names are numbered on each side for itself.
    private (int A, int B) _files = (-1, -1);
    private bool _isSameFile;

    /// <summary>One line where places, labels or weights differ, or where one of the two alone has a loss and that is to fail; else null.</summary>
    public string? Complaint(in ComparedRow rowA, in ComparedRow rowB)
    {
        if (options.Key is null && PlaceComplaint(rowA, rowB) is { } complaint)
        {
            return complaint;
        }

        if (rowA.HasLabel && rowB.HasLabel && rowA.Label != rowB.Label && (rowA.IsEvaluated == rowB.IsEvaluated || !a.IsBinary))
        {
            return Differ(rowA, $"has label {Label(rowA)}", rowB, $"has label {Label(rowB)}", "the rows are not the same; compare runs over the same rows, or pair them with --key COLUMN");
        }

        if (rowA.IsEvaluated && rowB.IsEvaluated && rowA.Weight != rowB.Weight)
        {
            return Differ(rowA, $"counts with weight {rowA.Weight}", rowB, $"with {rowB.Weight}", "compare runs with the same weights");
        }

        if (rowA.IsEvaluated != rowB.IsEvaluated && options.OnInvalid == InvalidRowPolicy.Fail)
        {
            return Differ(rowA, $"is {Fate(rowA)}", rowB, $"is {Fate(rowB)}", "mend the dump, or count such rows with --on-invalid skip");
        }

        return null;
    }

    private string? PlaceComplaint(in ComparedRow rowA, in ComparedRow rowB)
    {
        if (rowA.Index != rowB.Index || (_areDumps && rowA.Order != rowB.Order))
        {
            return Differ(rowA, "stands", rowB, "stands in its place", $"the rows do not go together {(a.IsBinary ? "element by element" : "position by position")}; compare runs over the same rows, or pair them with --key COLUMN");
        }

        if (!_areLosses)
        {
            return null;
        }

        if (_files != (rowA.File, rowB.File))
        {
            _files = (rowA.File, rowB.File);
            _isSameFile = a.Names[rowA.File] == b.Names[rowB.File];
        }

        if (_isSameFile && rowA.Row != rowB.Row)
        {
            return Differ(rowA, "stands", rowB, "stands in its place", "compare losses of the same rows in the same order, or pair them with --key COLUMN");
        }

        return null;
    }

    private string Differ(in ComparedRow rowA, string whatA, in ComparedRow rowB, string whatB, string whatToDo) =>
        $"{a.Place(rowA)} {whatA}, but {b.Place(rowB)} {whatB}: {whatToDo}";

    private string Label(in ComparedRow row) => a.IsBinary ? $"{BitConverter.Int64BitsToDouble(row.Label)}" : $"{row.Label}";

    private static string Fate(in ComparedRow row) => row.Fate switch
    {
        RowFate.Evaluated => "evaluated",
        RowFate.Ignored => "ignored",
        var fate => $"invalid ({InvalidCauses.Name(fate.Cause()!.Value)})",
    };
}
