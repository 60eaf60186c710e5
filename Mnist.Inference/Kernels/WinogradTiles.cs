namespace Mnist.Inference.Kernels;

/// <summary>The tiles that cover the output of a convolution, numbered image by image and row by row.</summary>
/// <param name="Rows">Tiles along the height.</param>
/// <param name="Columns">Tiles along the width.</param>
/// <param name="Side">Of an output tile, in pixels.</param>
internal readonly record struct WinogradTiles(int Rows, int Columns, int Side)
{
    public int PerImage => Rows * Columns;

    /// <summary>The tiles of a convolution with so many output pixels.</summary>
    public static WinogradTiles Of(WinogradVariant form, int height, int width) => new(form.Tiles(height), form.Tiles(width), form.OutputTile);

    /// <summary>The image of a tile and its first output pixel there.</summary>
    public (int Image, int Y, int X) Place(int tile)
    {
        int inImage = tile % PerImage;
        return (tile / PerImage, inImage / Columns * Side, inImage % Columns * Side);
    }
}
