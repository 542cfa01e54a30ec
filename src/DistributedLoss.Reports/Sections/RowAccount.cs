using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Sections;

/// <summary>Where every row went: evaluated, ignored, or invalid by cause; their sum is what the files hold.</summary>
internal static class RowAccount
{
    public static void Write(HtmlWriter html, Reported report)
    {
        var rows = report.Result.Rows;
        string unit = report.Result.Sequences is not null ? "positions" : "rows";
        html.Write($"""<p class="account">{Figure.Count(rows.Total)} {unit} = {Figure.Count(rows.Evaluated)} evaluated""");
        if (rows.Ignored > 0)
        {
            html.Write($" + {Figure.Count(rows.Ignored)} ignored");
        }

        foreach (var (cause, count) in rows.Invalid)
        {
            html.Write($""" + <span class="warned">{Figure.Count(count)} invalid</span> (<code>{cause}</code>)""");
        }

        if (report.Result.Sequences is { } sequences)
        {
            html.Write($", of {Figure.Count(sequences)} sequences");
        }

        foreach (var (count, text) in ((long, string)[])[(report.Result.Loss.Infinite, "have infinite loss"), (report.Result.Loss.Undefined, "have no defined loss: 0 times infinity")])
        {
            if (count > 0)
            {
                html.Write($"""; <span class="warned">{Figure.Count(count)} {text}</span>""");
            }
        }

        html.Write($".</p>\n");
    }
}
