using System.Globalization;
using DistributedLoss.Results;

namespace DistributedLoss.Reports.Html;

/// <summary>Numbers in pages. Assets/page.js writes those of tables in the same way.</summary>
public static class Figure
{
    public const string None = "–";

    /// <summary>Five decimals, unless they would hide or swamp the value: then six digits and an exponent.</summary>
    public static string Real(double? value) => value switch
    {
        null => None,
        double.PositiveInfinity => "∞",
        double.NegativeInfinity => "−∞",
        0 => "0",
        { } v when double.IsNaN(v) => "NaN",
        { } v when Math.Abs(v) is >= 1e-3 and < 1e7 => v.ToString("F5", CultureInfo.InvariantCulture),
        { } v => Exponent(v.ToString("E5", CultureInfo.InvariantCulture)),
    };

    /// <summary>A share of 1 as a percentage of two decimals, unless they would hide it: then three digits and an exponent.</summary>
    public static string Percent(double? share) => share switch
    {
        { } s when !double.IsFinite(s) => Real(s),
        null => None,
        { } s when s == 0 || Math.Abs(100 * s) >= .01 => string.Create(CultureInfo.InvariantCulture, $"{100 * s:F2} %"),
        { } s => $"{Exponent((100 * s).ToString("E2", CultureInfo.InvariantCulture))} %",
    };

    public static string Count(long value) => Quantity.Count(value);

    /// <summary>Every digit, for a tooltip.</summary>
    public static string Exact(double? value) => value is { } v && double.IsFinite(v) ? Quantity.Exact(v) : Real(value);

    /// <summary>A few digits, for axes and headlines.</summary>
    /// <param name="digits">At most, 6 of them.</param>
    public static string Brief(double? value, int digits = 6) => value switch
    {
        { } v when double.IsFinite(v) && v != 0 && Math.Abs(v) is < 1e-4 or >= 1e6 => Exponent(v.ToString($"E{digits - 1}", CultureInfo.InvariantCulture)),
        { } v when double.IsFinite(v) => v.ToString($"G{digits}", CultureInfo.InvariantCulture),
        _ => Real(value),
    };

    /// <inheritdoc cref="Brief"/>
    public static string Tick(double value) => Brief(value);

    /// <summary>A share of 1 as a percentage of one decimal at most.</summary>
    public static string PercentTick(double share) => $"{Brief(Math.Round(100 * share, 1))} %";

    /// <summary>1.50000E-007 as 1.5e-7.</summary>
    private static string Exponent(string text)
    {
        int e = text.IndexOf('E', StringComparison.Ordinal);
        return $"{text[..e].TrimEnd('0').TrimEnd('.')}e{int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)}";
    }
}
