namespace Mnist.Inference.Kernels;

/// <summary>The tiles that cover the output of a convolution, numbered image by image and row by row.</summary>
/// <param name="Rows">Tiles along the height.</param>
/// <param name="Columns">Tiles along the width.</param>
internal readonly record struct WinogradTiles(int Rows, int Columns)
{
    public int PerImage => Rows * Columns;

    /// <summary>The tiles of a 3x3 convolution.</summary>
    /// <param name="input">Its input.</param>
    /// <param name="halo">Zeros on each side of the input that it wants.</param>
    public static WinogradTiles Of(TensorLayout input, int halo)
    {
        int lost = Winograd.Kernel - 1 - (2 * halo);
        return new WinogradTiles(Winograd.Tiles(input.Height - lost), Winograd.Tiles(input.Width - lost));
    }

    /// <summary>The image of a tile and its first output pixel there.</summary>
    public (int Image, int Y, int X) Place(int tile)
    {
        int inImage = tile % PerImage;
        return (tile / PerImage, inImage / Columns * Winograd.OutputTile, inImage % Columns * Winograd.OutputTile);
    }
}
