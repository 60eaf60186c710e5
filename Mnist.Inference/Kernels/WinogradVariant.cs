namespace Mnist.Inference.Kernels;

/// <summary>F(m x m, k x k), or F(m, k) down the columns alone: how large the tiles of <see cref="Winograd"/>'s convolution are.</summary>
/// <param name="Kernel">Side of the kernel, k.</param>
/// <param name="OutputTile">Side of an output tile, m.</param>
/// <param name="IsColumn">Whether only columns are transformed, for an input of one channel.</param>
internal readonly record struct WinogradVariant(int Kernel, int OutputTile, bool IsColumn = false)
{
    /// <summary>Tiles of 6x6 inputs: the more exact ones.</summary>
    public static IReadOnlyList<WinogradVariant> WithSixPoints { get; } = [SmallTile3x3.Form, SmallTile5x5.Form];

    /// <summary>Also tiles of 8x8 inputs, which need fewer products.</summary>
    public static IReadOnlyList<WinogradVariant> All { get; } = [.. WithSixPoints, LargeTile3x3.Form, LargeTile5x5.Form];

    /// <summary>For the network's own input where it has one channel: its pixels are not padded to vectors, so they may lie in lanes themselves.</summary>
    public static IReadOnlyList<WinogradVariant> ForGreyImages { get; } = [LargeTile5x5.Form with { IsColumn = true }];

    /// <summary>Side of an input tile: neighbouring tiles share as many rows and columns as their outputs are fewer.</summary>
    public int InputTile => OutputTile + Kernel - 1;

    /// <summary>Places of a transformed tile: products for each pair of channels.</summary>
    public int Places => IsColumn ? InputTile : InputTile * InputTile;

    /// <summary>Tiles along an output side of <paramref name="size"/>.</summary>
    public int Tiles(int size) => (size + OutputTile - 1) / OutputTile;

    /// <summary>Rows or columns by which the tiles of an output side of <paramref name="size"/> reach beyond it.</summary>
    public int Excess(int size) => (Tiles(size) * OutputTile) - size;

    /// <summary>As Winograd's algorithms are written: outputs, then kernel.</summary>
    public override string ToString() => IsColumn ? $"F({OutputTile}, {Kernel})" : $"F({OutputTile}x{OutputTile}, {Kernel}x{Kernel})";
}
