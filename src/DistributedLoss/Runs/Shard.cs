using System.Security.Cryptography;
using System.Text;
using DistributedLoss.Parquet.Columns;

namespace DistributedLoss.Runs;

/// <summary>A range of one file's rows that is evaluated as a whole: a row group, or a page-aligned part of an oversized one.</summary>
/// <param name="Index">Position in the plan: files in path order, rows in file order.</param>
/// <param name="Id">Digest of file identity and row range, in hex; the same in every plan that cuts the same range.</param>
/// <param name="Start">Where in the row group to begin.</param>
/// <param name="RowGroupFirstRow">Number of the row group's first row within the file.</param>
/// <param name="Bytes">Stored bytes of the columns read, for scheduling and progress.</param>
public sealed record Shard(int Index, string Id, int File, int RowGroup, RowRangeStart Start, long RowGroupFirstRow, long Rows, long Bytes)
{
    /// <summary>0-based number within the file of the shard's first row.</summary>
    public long FirstRow => RowGroupFirstRow + Start.FirstRow;

    /// <param name="firstRow">0-based within the file.</param>
    public static string IdOf(InputFile file, long firstRow, long rows)
    {
        string identity = $"{file.FooterDigest} {file.Bytes} {firstRow} {rows}";
        return Hex.Of(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 8));
    }
}
