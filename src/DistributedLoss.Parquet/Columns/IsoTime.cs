using System.Globalization;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// ISO 8601 texts of Parquet's dates and times, for every value that 64 bits can hold: years beyond 0000 to 9999 are signed (the expanded form), fractions of a second end
/// with their last digit that is not zero, so that one instant has one text whatever the unit.
/// </summary>
internal static class IsoTime
{
    private const long SecondsPerDay = 86_400;
    private const long DaysPerEra = 146_097; // 400 Gregorian years

    /// <param name="days">Since 1970-01-01.</param>
    public static string Date(long days)
    {
        // H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years that begin in March, eras of 400 years.
        var shifted = days + 719_468;
        var era = Math.DivRem(shifted, DaysPerEra, out var dayOfEra);
        if (dayOfEra < 0)
            (era, dayOfEra) = (era - 1, dayOfEra + DaysPerEra);
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var march = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * march + 2) / 5 + 1;
        var month = march < 10 ? march + 3 : march - 9;
        var year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        var sign = year < 0 ? "-" : year > 9999 ? "+" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(year):0000}-{month:00}-{day:00}");
    }

    /// <param name="ticks">Since midnight.</param>
    /// <param name="fractionDigits">Decimal digits of a second that a tick counts: 3, 6 or 9.</param>
    public static string Time(long ticks, int fractionDigits)
    {
        // Beyond a day, or before midnight, is no time of day: it is shown as it is, and not mistaken for another.
        var sign = ticks < 0 ? "-" : "";
        var (seconds, fraction) = Int128.DivRem(Int128.Abs(ticks), PerSecond(fractionDigits));
        var (s, digits) = ((long)seconds, ((long)fraction).ToString(CultureInfo.InvariantCulture).PadLeft(fractionDigits, '0').TrimEnd('0'));
        return string.Create(CultureInfo.InvariantCulture,
            $"{sign}{s / 3600:00}:{s / 60 % 60:00}:{s % 60:00}{(digits.Length == 0 ? "" : ".")}{digits}");
    }

    /// <param name="ticks">Since 1970-01-01 00:00.</param>
    /// <param name="fractionDigits">As for <see cref="Time"/>.</param>
    public static string Timestamp(Int128 ticks, int fractionDigits, bool isUtc)
    {
        var perDay = (Int128)SecondsPerDay * PerSecond(fractionDigits);
        var (days, rest) = Int128.DivRem(ticks, perDay);
        if (rest < 0)
            (days, rest) = (days - 1, rest + perDay);
        return $"{Date((long)days)}T{Time((long)rest, fractionDigits)}{(isUtc ? "Z" : "")}";
    }

    private static long PerSecond(int fractionDigits) => fractionDigits switch
    {
        3 => 1000,
        6 => 1_000_000,
        _ => 1_000_000_000,
    };
}
