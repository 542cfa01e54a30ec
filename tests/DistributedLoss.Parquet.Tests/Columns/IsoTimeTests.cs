using System.Globalization;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>The calendar against the framework's own, and what lies beyond it.</summary>
public class IsoTimeTests
{
    [Fact]
    public void Every_day_that_a_date_can_hold_has_its_text()
    {
        var epoch = new DateOnly(1970, 1, 1).DayNumber;
        for (var day = 0; day <= DateOnly.MaxValue.DayNumber; day += 13)
            Assert.Equal(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), IsoTime.Date(day - epoch));
    }

    [Theory]
    [InlineData(2932897, "+10000-01-01")]
    [InlineData(-719529, "-0001-12-31")]
    [InlineData(-719528, "0000-01-01")]
    public void Years_beyond_four_digits_are_signed(long days, string text) => Assert.Equal(text, IsoTime.Date(days));

    [Fact]
    public void Instants_have_the_text_of_the_framework_whatever_their_unit()
    {
        var random = new Random(5);
        for (var turn = 0; turn < 5000; turn++)
        {
            var micros = random.NextInt64(-62_135_596_800_000_000, 253_402_300_800_000_000);
            var time = DateTime.UnixEpoch.AddTicks(micros * 10);
            var text = time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
            Assert.Equal(text + "Z", IsoTime.Timestamp(micros, 6, isUtc: true));
            Assert.Equal(text, IsoTime.Timestamp((Int128)micros * 1000, 9, isUtc: false));
        }
    }

    [Theory]
    [InlineData(-1, 3, "-00:00:00.001")]
    [InlineData(86_400_000, 3, "24:00:00")]
    [InlineData(long.MinValue, 9, "-2562047:47:16.854775808")]
    public void A_time_outside_the_day_is_shown_as_it_is(long ticks, int digits, string text) => Assert.Equal(text, IsoTime.Time(ticks, digits));
}
