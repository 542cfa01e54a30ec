using System.Globalization;

namespace DistributedLoss.Results;

/// <summary>Numbers for people.</summary>
public static class Quantity
{
    /// <summary>Every digit that it takes to read the same double back, at most 17.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Rounded(double? value) => value is { } v ? v.ToString("G6", CultureInfo.InvariantCulture) : "-";

    /// <summary>Three digits.</summary>
    public static string Brief(double? value) => value is { } v ? v.ToString("G3", CultureInfo.InvariantCulture) : "-";

    /// <summary>For columns: five decimals, unless they would hide or swamp the value.</summary>
    public static string Aligned(double? value) => value switch
    {
        0 => "0",
        { } v when Math.Abs(v) is >= 1e-3 and < 1e7 => v.ToString("F5", CultureInfo.InvariantCulture),
        _ => Rounded(value),
    };

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Percent(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{100 * s:0.000} %") : "-";

    public static string Share(double? share) => share is { } s ? s.ToString("0.0000", CultureInfo.InvariantCulture) : "-";

    /// <summary>Three digits and a decimal prefix: 1.23 M.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 999.5e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e12:G3} T"),
        >= 999.5e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:G3} G"),
        >= 999.5e3 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:G3} M"),
        >= 999.5 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:G3} k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:G3}"),
    };

    public static string Bytes(long bytes) => bytes < 1000 ? $"{bytes} B" : $"{Short(bytes)}B";

    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000} s");

    public static string Duration(TimeSpan time) => time.TotalHours switch
    {
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}"),
    };
}
