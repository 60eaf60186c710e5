namespace Mnist.Inference.Kernels;

/// <summary>The tiles that cover the output of a convolution, numbered image by image and row by row.</summary>
/// <param name="Rows">Tiles along the height.</param>
/// <param name="Columns">Tiles along the width.</param>
/// <param name="Side">Side of an output tile, in pixels.</param>
internal readonly record struct WinogradTiles(int Rows, int Columns, int Side)
{
    public int PerImage => Rows * Columns;

    /// <summary>The tiles of a convolution with height x width outputs.</summary>
    public static WinogradTiles Of(WinogradVariant variant, int height, int width) => new(variant.Tiles(height), variant.Tiles(width), variant.OutputTile);

    /// <summary>The image of a tile and its first output pixel.</summary>
    public (int Image, int Y, int X) Locate(int tile)
    {
        int inImage = tile % PerImage;
        return (tile / PerImage, inImage / Columns * Side, inImage % Columns * Side);
    }
}
