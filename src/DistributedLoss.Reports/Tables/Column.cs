using System.Globalization;
using System.Text.Json;
using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Tables;

/// <summary>A column of a <see cref="DataTable"/>. Numbers are sorted as numbers, the largest first; what is no number comes last.</summary>
public abstract record Column(string Title)
{
    /// <summary>Whether a search looks here: for a part of a text, or for a whole number.</summary>
    public bool IsKey { get; init; }

    /// <summary>One that says more than <see cref="Title"/>; null where that says all.</summary>
    public string? Hint { get; init; }

    /// <summary>What Assets/page.js calls the way in which values are written and sorted.</summary>
    internal abstract string Kind { get; }

    /// <summary>As a cell has it.</summary>
    internal abstract string Text(int row);

    internal virtual void WriteValue(Utf8JsonWriter json, int row) => json.WriteStringValue(Text(row));

    public sealed record Texts(string Title, Func<int, string?> Value) : Column(Title)
    {
        internal override string Kind => "text";

        internal override string Text(int row) => Value(row) ?? Figure.None;
    }

    /// <summary>A column of numbers.</summary>
    public abstract record Numbers(string Title) : Column(Title)
    {
        /// <summary>Null where there is none.</summary>
        internal abstract double? Number(int row);

        /// <summary>As the cell shows it: a script then shows the same, and the digits beyond would be half of a long table's bytes.</summary>
        internal abstract double Shown(double number);

        internal override void WriteValue(Utf8JsonWriter json, int row)
        {
            if (Number(row) is { } number && double.IsFinite(number))
            {
                json.WriteNumberValue(Shown(number));
            }
            else
            {
                json.WriteStringValue(Text(row));
            }
        }
    }

    /// <param name="Value">Below 2^53.</param>
    public sealed record Counts(string Title, Func<int, long> Value) : Numbers(Title)
    {
        internal override string Kind => "count";

        internal override string Text(int row) => Figure.Count(Value(row));

        internal override double? Number(int row) => Value(row);

        internal override double Shown(double number) => number;
    }

    public sealed record Reals(string Title, Func<int, double?> Value) : Numbers(Title)
    {
        internal override string Kind => "real";

        internal override string Text(int row) => Figure.Real(Value(row));

        internal override double? Number(int row) => Value(row);

        internal override double Shown(double number) => double.Parse(Figure.Real(number), CultureInfo.InvariantCulture);
    }

    /// <summary>Shares of 1, as percentages.</summary>
    public sealed record Shares(string Title, Func<int, double?> Value) : Numbers(Title)
    {
        internal override string Kind => "percent";

        internal override double Shown(double number) => double.Parse(Figure.Percent(number).TrimEnd('%', ' '), CultureInfo.InvariantCulture) / 100;

        internal override string Text(int row) => Figure.Percent(Value(row));

        internal override double? Number(int row) => Value(row);
    }

    /// <summary>Shares that a script works out from other columns, so that a page need not carry them: factor * part / (sum of wholes), none where that is 0.</summary>
    public sealed record Ratios(string Title, int Factor, Counts Part, params IReadOnlyList<Counts> Wholes) : Numbers(Title)
    {
        internal override string Kind => "percent";

        internal override double Shown(double number) => number;

        internal override string Text(int row) => Figure.Percent(Number(row));

        internal override double? Number(int row) => Wholes.Sum(w => w.Value(row)) is > 0 and var whole ? (double)(Factor * Part.Value(row)) / whole : null;
    }
}
