using System.Globalization;
using Spectre.Console;

namespace Mnist.Cli.Shared;

/// <summary>What the tables of several reports have in common.</summary>
internal static class ReportTable
{
    public static Table AddRightAlignedColumns(this Table table, params ReadOnlySpan<string> titles)
    {
        foreach (string title in titles)
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

        return table;
    }

    /// <summary>Formats a share from 0 to 1, such as <c>99.73 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.00} %");
}
