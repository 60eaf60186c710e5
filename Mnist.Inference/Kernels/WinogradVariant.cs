namespace Mnist.Inference.Kernels;

/// <summary>Variant of Winograd convolution (<see cref="Winograd"/>): F(m x m, k x k), or F(m, k) along the columns alone.</summary>
/// <param name="Kernel">Side k of the kernel.</param>
/// <param name="OutputTile">Side m of an output tile.</param>
/// <param name="IsColumn">Whether only columns are transformed; for an input of one channel.</param>
internal readonly record struct WinogradVariant(int Kernel, int OutputTile, bool IsColumn = false)
{
    /// <summary>Variants with tiles of 6x6 inputs, which are more exact.</summary>
    public static IReadOnlyList<WinogradVariant> WithSixPoints { get; } = [SmallTile3x3.Variant, SmallTile5x5.Variant];

    /// <summary>All variants for padded channels, including tiles of 8x8 inputs, which need fewer products.</summary>
    public static IReadOnlyList<WinogradVariant> All { get; } = [.. WithSixPoints, LargeTile3x3.Variant, LargeTile5x5.Variant];

    /// <summary>Variants for a network input of one channel: its pixels are not padded to vectors, so lanes can hold neighbouring pixels.</summary>
    public static IReadOnlyList<WinogradVariant> ForGreyImages { get; } = [LargeTile5x5.Variant with { IsColumn = true }];

    /// <summary>Side of an input tile; neighbouring tiles overlap by k - 1 rows or columns.</summary>
    public int InputTile => OutputTile + Kernel - 1;

    /// <summary>Elements of a transformed tile: products per pair of channels.</summary>
    public int TileElements => IsColumn ? InputTile : InputTile * InputTile;

    /// <summary>Tiles along an output side of <paramref name="size"/>.</summary>
    public int Tiles(int size) => (size + OutputTile - 1) / OutputTile;

    /// <summary>Rows or columns by which the tiles extend beyond an output side of <paramref name="size"/>.</summary>
    public int Excess(int size) => (Tiles(size) * OutputTile) - size;

    /// <summary>The usual notation: outputs, then kernel.</summary>
    public override string ToString() => IsColumn ? $"F({OutputTile}, {Kernel})" : $"F({OutputTile}x{OutputTile}, {Kernel}x{Kernel})";
}
