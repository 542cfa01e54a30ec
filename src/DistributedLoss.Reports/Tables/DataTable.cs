using System.IO.Compression;
using System.Text.Json;
using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Tables;

/// <summary>
/// A table that a script can sort and search. The first rows are in the page as they are; where there are more, all of them are in it besides, compressed, column by
/// column, and the script shows them page by page.
/// </summary>
/// <param name="id">A word of lower-case letters, the page's only one.</param>
/// <param name="caption">What the rows are.</param>
public sealed class DataTable(string id, string caption, int rows, IReadOnlyList<Column> columns)
{
    /// <summary>Rows that stand in the page, and that a page of a longer table has.</summary>
    public const int PageRows = 100;

    // Fewer rows are found faster by eye.
    private const int SearchedRows = 8;

    public void Write(HtmlWriter html)
    {
        html.Write($"""<div class="table" id="{id}" data-rows="{rows}" data-page="{PageRows}">""");
        if (rows >= SearchedRows && columns.Any(c => c.IsKey))
        {
            html.Write($"""<p class="search" hidden="hidden"><label>Search <input type="search" autocomplete="off" spellcheck="false"/></label></p>""");
        }

        html.Write($"""<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption><thead><tr>""");
        foreach (var column in columns)
        {
            html.Write($"""<th scope="col" data-kind="{column.Kind}" data-key="{(column.IsKey ? 1 : 0)}" data-of="{Derivation(column)}" title="{column.Hint ?? column.Title}">{column.Title}</th>""");
        }

        html.Write($"</tr></thead><tbody>\n");
        for (int row = 0; row < Math.Min(rows, PageRows); row++)
        {
            html.Write($"<tr>");
            foreach (var column in columns)
            {
                WriteCell(html, column, row);
            }

            html.Write($"</tr>\n");
        }

        html.Write($"</tbody></table></div>");
        if (rows > PageRows)
        {
            html.Write($"""<p class="pager"><span class="shown" role="status">1–{PageRows} of {Figure.Count(rows)}</span></p>""");
            html.Write($"""<script type="application/gzip">{new Markup(Compressed())}</script>""");
        }

        html.Write($"</div>\n");
    }

    private static void WriteCell(HtmlWriter html, Column column, int row)
    {
        if (column is Column.Numbers numbers)
        {
            html.Write($"""<td class="number" data-value="{Figure.Exact(numbers.Number(row))}">{column.Text(row)}</td>""");
        }
        else
        {
            html.Write($"""<td class="data">{column.Text(row)}</td>""");
        }
    }

    /// <summary>Of ratios: the factor, the place of the part's column, and those of the wholes.</summary>
    private string Derivation(Column column) => column is Column.Ratios ratios
        ? string.Join(' ', [ratios.Factor, Index(ratios.Part), .. ratios.Wholes.Select(Index)])
        : "";

    private int Index(Column column) => Enumerable.Range(0, columns.Count).First(i => ReferenceEquals(columns[i], column));

    /// <summary>A JSON array of the columns' values, gzip, Base64: nothing in it can end its element.</summary>
    private string Compressed()
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true))
        using (var json = new Utf8JsonWriter(gzip))
        {
            json.WriteStartArray();
            foreach (var column in columns)
            {
                json.WriteStartArray();
                for (int row = 0; row < (column is Column.Ratios ? 0 : rows); row++)
                {
                    column.WriteValue(json, row);
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        return Convert.ToBase64String(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }
}
